package io.uefivm.operator.vm.model;

import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.FirmwarePin;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.RolloutPart;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.util.Optional;

/**
 * A VM as it was read.
 *
 * @param uid UID of the object; everything that is stored for the VM is named after it
 * @param generation generation of the spec
 * @param policy what the operator's policy on new firmware says of this VM; empty without one
 */
public record Machine(
        String namespace,
        String name,
        String uid,
        long generation,
        UefiVirtualMachineSpec spec,
        UefiVirtualMachineStatus status,
        Optional<RolloutPart> policy) {

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
     * What a roll-out of firmware means for the next start: nothing for a VM that never ran, that pins its firmware, or that
     * asks for a store of another size, which only other firmware has.
     */
    public Optional<RolloutPart> rolloutPart() {
        return policy.filter(part -> pinnedCode().isEmpty() && lastCode().isPresent() && !asksFor(NvramAction.Convert));
    }

    /** The digest of the only firmware code that the next start may have: pinned, or kept while a roll-out goes on. */
    public Optional<String> requiredCode() {
        return pinnedCode()
                .or(() -> rolloutPart().filter(part -> part == RolloutPart.Held).flatMap(part -> lastCode()));
    }

    /**
     * The size in bytes that the variable stores of the VM's firmware must have: that of the store that it has, unless it is
     * asked to be made anew or converted.
     */
    public Optional<Long> varsSize() {
        return asksFor(NvramAction.Convert) || asksFor(NvramAction.FactoryReset)
                ? Optional.empty()
                : Optional.ofNullable(status.firmware()).map(FirmwareStatus::varsSize);
    }

    private boolean asksFor(NvramAction action) {
        return waitingRequest().filter(request -> request.action() == action).isPresent();
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
