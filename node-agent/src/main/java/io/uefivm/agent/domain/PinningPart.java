package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.ArrayList;
import java.util.List;

/** Which processors of the host run what, and where memory is taken from. */
final class PinningPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        return input.share().pinning().map(pinning -> render(input, pinning)).orElse(List.of());
    }

    private static List<Fragment> render(DomainInput input, Pinning pinning) {
        if (pinning.cpus().size() != input.spec().cpu().count()) {
            throw new IllegalArgumentException(
                    "share.pinning has " + pinning.cpus().size() + " processors for "
                            + input.spec().cpu().count() + " virtual CPUs; it must have one for each");
        }
        var fragments = new ArrayList<Fragment>();
        // One thread of the emulator may run all virtual CPUs, so that libvirt refuses to pin them one by one; the
        // whole of QEMU is held to the processors by CpuPart.
        if (input.accelerator() == Accelerator.KVM) {
            fragments.add(Fragment.of(Place.HEAD, tune(pinning)));
        }
        pinning.memory().ifPresent(memory -> fragments.add(Fragment.of(Place.HEAD, numa(memory))));
        return fragments;
    }

    private static Element tune(Pinning pinning) {
        var pins = new ArrayList<Element>();
        for (int number = 0; number < pinning.cpus().size(); number++) {
            pins.add(element("vcpupin")
                    .attribute("vcpu", number)
                    .attribute("cpuset", pinning.cpus().get(number)));
        }
        pins.add(element("emulatorpin").attribute("cpuset", Pinning.list(pinning.cpus())));
        return element("cputune").with(pins);
    }

    private static Element numa(Pinning.Memory memory) {
        return element("numatune")
                .with(element("memory")
                        .attribute("mode", memory.strict() ? "strict" : "preferred")
                        .attribute("nodeset", Pinning.list(memory.nodes())));
    }
}
