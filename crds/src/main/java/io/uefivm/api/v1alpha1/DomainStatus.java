package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** The libvirt domain of the newest epoch that a host worked on. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DomainStatus(
        @JsonPropertyDescription("The epoch that this speaks of.")
        Long epoch,

        @JsonPropertyDescription("Running, Paused, Stopping, Stopped or Failed.")
        DomainState state,

        @JsonPropertyDescription("Why it is in that state.") Reason reason,

        @JsonPropertyDescription("The cause and the remedy, for people.") @Nullable
        String message,

        @JsonPropertyDescription("The host that ran it.") @Nullable
        String nodeName,

        @JsonPropertyDescription("Name of the libvirt domain.") @Nullable
        String name,

        @JsonPropertyDescription("kvm, or tcg (emulation, slow).") @Nullable
        String accelerator,

        @JsonPropertyDescription("When it started, RFC 3339.") @Nullable
        String startTime,

        @JsonPropertyDescription("When it ended, RFC 3339.") @Nullable
        String endTime,

        @JsonPropertyDescription("The address of the guest's vsock on its host (CID), if it has one.") @Nullable
        Long vsockCid) {

    /** The same domain, with that address of its vsock. */
    public DomainStatus withVsockCid(@Nullable Long cid) {
        return new DomainStatus(epoch, state, reason, message, nodeName, name, accelerator, startTime, endTime, cid);
    }
}
