package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** The machine itself: its name, its board and what happens when it ends. */
final class MachinePart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var type = element("type")
                .attribute("arch", "x86_64")
                .attribute("machine", input.machineType())
                .text("hvm");
        // The operator decides by runStrategy whether an ended guest starts again; a transient domain must therefore
        // go away when it ends. A reboot is none of its business: QEMU keeps running.
        return List.of(
                Fragment.of(
                        Place.HEAD,
                        element("name")
                                .text(input.owner().namespace() + "."
                                        + input.owner().name())),
                Fragment.of(Place.HEAD, element("uuid").text(input.identity().uuid())),
                Fragment.of(Place.OS, type),
                Fragment.of(Place.FEATURES, element("acpi")),
                Fragment.of(Place.FEATURES, element("apic")),
                // VMware's back door, which only its own guest tools look for.
                Fragment.of(Place.FEATURES, element("vmport").attribute("state", "off")),
                Fragment.of(Place.BODY, element("on_poweroff").text("destroy")),
                Fragment.of(Place.BODY, element("on_reboot").text("restart")),
                Fragment.of(Place.BODY, element("on_crash").text("destroy")),
                Fragment.of(Place.BODY, sleepStates()));
    }

    /** No S3 and S4: OVMF with SMM does not come back from S3 reliably, and a guest in S4 looks like one that ended. */
    private static Element sleepStates() {
        return element("pm")
                .with(
                        element("suspend-to-mem").attribute("enabled", "no"),
                        element("suspend-to-disk").attribute("enabled", "no"));
    }
}
