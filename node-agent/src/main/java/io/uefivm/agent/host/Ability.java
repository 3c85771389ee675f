package io.uefivm.agent.host;

import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.api.v1alpha1.Virtualization;
import java.util.List;
import java.util.Optional;

/**
 * What trying the host gave.
 *
 * @param accelerator the first that executed a guest
 * @param smm whether it offers System Management Mode
 * @param objections why those before it did not, one sentence each
 */
record Ability(HypervisorFacts facts, Optional<Accelerator> accelerator, boolean smm, List<String> objections) {

    /** @param vsock whether guests can have a vsock, which is not a matter of the accelerator */
    Virtualization toVirtualization(boolean vsock) {
        return new Virtualization(
                facts.libvirtVersion(),
                facts.qemuVersion(),
                accelerator.map(Accelerator::label).orElse(null),
                smm,
                vsock,
                facts.machineTypes());
    }

    /** For people. */
    String text() {
        String why = objections.isEmpty() ? "" : " (" + String.join("; ", objections) + ")";
        if (facts.machineTypes().isEmpty()) {
            return "libvirt answers, but its QEMU has no Q35 machine for x86_64; install qemu-system-x86";
        }
        return accelerator
                .map(found -> "A trial guest ran with " + found.label()
                        + (smm ? "" : ", which has no System Management Mode: no Secure Boot here") + why)
                .orElse("libvirt answers, but no trial guest ran" + why
                        + "; look into /var/log/libvirt/qemu/uefivm-probe-*.log on the host");
    }
}
