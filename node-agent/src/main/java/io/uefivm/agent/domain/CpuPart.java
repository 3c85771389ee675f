package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Cpu;
import java.util.List;

/** Number, topology and model of the virtual CPUs. */
final class CpuPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        Cpu cpu = input.spec().cpu();
        var topology = element("topology")
                .attribute("sockets", cpu.sockets())
                .attribute("cores", cpu.cores())
                .attribute("threads", cpu.threads());
        return List.of(
                Fragment.of(Place.HEAD, virtualCpus(input).text(cpu.count())),
                Fragment.of(
                        Place.BODY,
                        switch (input.accelerator()) {
                            case KVM ->
                                onHost(cpu.model(), !input.spec().devices().isEmpty(), topology);
                            case TCG -> emulated(cpu.model(), topology);
                        }));
    }

    private static Element virtualCpus(DomainInput input) {
        var cpus = element("vcpu").attribute("placement", "static");
        return input.share()
                .pinning()
                .map(pinning -> cpus.attribute("cpuset", Pinning.list(pinning.cpus())))
                .orElse(cpus);
    }

    private static Element onHost(String model, boolean passthrough, Element topology) {
        return switch (model) {
            case "host-model" -> cpu("host-model", "partial").with(topology);
            case "host-passthrough" -> {
                var cpu = cpu("host-passthrough", "none").attribute("migratable", passthrough ? "off" : "on");
                // OVMF sizes the window for the big BARs of a graphics card by the width of physical addresses, and
                // QEMU tells the guest 40 bits unless asked to tell the host's. libvirt takes this with
                // host-passthrough only.
                yield passthrough
                        ? cpu.with(topology, element("maxphysaddr").attribute("mode", "passthrough"))
                        : cpu.with(topology);
            }
            default -> named(model, "partial", topology);
        };
    }

    /**
     * libvirt refuses host-passthrough without KVM, and what it calls host-model then is a list of features that
     * libvirt's model database and this QEMU's emulator happen to share. {@code maximum} says what both mean here:
     * all that the emulator can do, the same on every host. A named model is given without a check, because the
     * emulator lacks something of nearly every real processor, and the guest then simply does not see it.
     */
    private static Element emulated(String model, Element topology) {
        return switch (model) {
            case "host-model", "host-passthrough" -> cpu("maximum", "none").with(topology);
            default -> named(model, "none", topology);
        };
    }

    private static Element named(String model, String check, Element topology) {
        return element("cpu")
                .attribute("mode", "custom")
                .attribute("match", "exact")
                .attribute("check", check)
                .with(element("model").attribute("fallback", "forbid").text(model), topology);
    }

    private static Element cpu(String mode, String check) {
        return element("cpu").attribute("mode", mode).attribute("check", check);
    }
}
