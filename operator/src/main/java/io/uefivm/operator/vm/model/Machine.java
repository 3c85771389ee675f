package io.uefivm.operator.vm.model;

import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.util.Optional;

/**
 * A VM as it was read.
 *
 * @param uid UID of the object; everything that is stored for the VM is named after it
 * @param generation generation of the spec
 */
public record Machine(
        String namespace,
        String name,
        String uid,
        long generation,
        UefiVirtualMachineSpec spec,
        UefiVirtualMachineStatus status) {

    private static final long COMMIT_SECONDS = 30;

    /** The newest epoch, 0 before the first start. */
    public long epoch() {
        return status.epoch() == null ? 0 : status.epoch();
    }

    /** What an agent said of the domain of the newest epoch. */
    public Optional<DomainStatus> domain() {
        return Optional.ofNullable(status.domain()).filter(domain -> domain.epoch() == epoch());
    }

    /** The machine type that the VM is bound to: the one it asks for, else the one that it first booted with. */
    public Optional<String> machineType() {
        return Optional.ofNullable(spec.machineType() != null ? spec.machineType() : status.machineType());
    }

    /** The digest of the firmware's code that the VM is bound to, once it has booted. */
    public Optional<String> codeDigest() {
        return Optional.ofNullable(status.firmware()).map(FirmwareStatus::codeDigest);
    }

    /** The kind of firmware that the VM asks for. */
    public FirmwareKind firmwareKind() {
        return FirmwareKind.of(spec.firmware().secureBoot());
    }

    /** What the VM's pod is allowed for its end: the guest's grace period and time to commit its state. */
    public long podGraceSeconds() {
        return spec.terminationGracePeriodSeconds() + COMMIT_SECONDS;
    }
}
