package io.uefivm.operator.vm.model;

import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.FirmwarePin;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
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

    /** The digest of the only firmware code that the VM may start with, if its spec pins one. */
    public Optional<String> pinnedCode() {
        return Optional.ofNullable(spec.firmware().image()).map(FirmwarePin::codeDigest);
    }

    /** The digest of the firmware code that the VM ran with last. */
    public Optional<String> lastCode() {
        return Optional.ofNullable(status.firmware()).map(FirmwareStatus::codeDigest);
    }

    /**
     * The size in bytes that the variable stores of the VM's firmware must have: that of the store that it has, unless it is
     * asked to be made anew or converted.
     */
    public Optional<Long> varsSize() {
        boolean another = waitingRequest()
                .map(NvramRequest::action)
                .filter(action -> action == NvramAction.Convert || action == NvramAction.FactoryReset)
                .isPresent();
        return another
                ? Optional.empty()
                : Optional.ofNullable(status.firmware()).map(FirmwareStatus::varsSize);
    }

    /** The request about the variable store that has no answer yet. */
    public Optional<NvramRequest> waitingRequest() {
        Optional<String> answered = Optional.ofNullable(status.nvram())
                .map(NvramStatus::lastRequest)
                .map(NvramRequestStatus::token);
        return Optional.ofNullable(spec.nvram().request())
                .filter(request -> !answered.equals(Optional.of(request.token())));
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
