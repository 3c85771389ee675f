package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.GuestOs;
import java.util.List;

/**
 * The enlightenments that make Windows fast. They are KVM's: without it QEMU refuses some ("kernel doesn't allow
 * setting HyperV VP_INDEX") and the guest sees none.
 */
final class HyperVPart implements DomainPart {
    private static final int SPIN_RETRIES = 8191;

    /** Whether the guest gets Hyper-V's interface, its clock included. */
    static boolean applies(DomainInput input) {
        return input.spec().guestOS() == GuestOs.Windows && input.accelerator() == Accelerator.KVM;
    }

    @Override
    public List<Fragment> render(DomainInput input) {
        if (!applies(input)) {
            return List.of();
        }
        var hyperv = element("hyperv")
                .attribute("mode", "custom")
                .with(
                        on("relaxed"),
                        on("vapic"),
                        on("spinlocks").attribute("retries", SPIN_RETRIES),
                        on("vpindex"),
                        on("runtime"),
                        on("synic"),
                        on("stimer").with(on("direct")),
                        on("reset"),
                        on("frequencies"),
                        on("tlbflush"),
                        on("ipi"));
        return List.of(Fragment.of(Place.FEATURES, hyperv));
    }

    private static Element on(String name) {
        return element(name).attribute("state", "on");
    }
}
