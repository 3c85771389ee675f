package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The observed state. Operator and agent each apply their own fields with their own field manager: what one leaves
 * null belongs to the other.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record UefiVirtualMachineStatus(
        @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("A summary for people; conditions are the contract.") @Nullable
        Phase phase,

        @JsonPropertyDescription("The node that the VM is placed on.") @Nullable
        String nodeName,

        @JsonPropertyDescription("Number of the newest start. Only the highest epoch is valid.") @Nullable
        Long epoch,

        @JsonPropertyDescription("The pod of that epoch.") @Nullable
        String podName,

        @JsonPropertyDescription("UUID and MAC addresses, derived once and kept for ever.") @Nullable
        Identity identity,

        @JsonPropertyDescription(
                "Disks whose claims have been expanded since they were made. The disk of a running VM grows with its claim.")
        List<ExpandedDisk> expandedDisks,

        @JsonPropertyDescription(
                "Starts in a row that failed, or that ended within a minute; the back-off follows from it.")
        @Nullable
        Integer failures,

        @JsonPropertyDescription(
                "When the next start is due after a failed one, RFC 3339; a change of the spec starts the VM at once.")
        @Nullable
        String nextStartTime,

        @JsonPropertyDescription(
                "The run strategy is fulfilled: the VM is not started again until it was Halted or set to Always.")
        @Nullable
        Boolean completed,

        @JsonPropertyDescription("The machine type that the VM first booted with, used again at every start.") @Nullable
        String machineType,

        @JsonPropertyDescription("The firmware build that the VM boots with.") @Nullable
        FirmwareStatus firmware,

        @JsonPropertyDescription("The newest state of the variable store.") @Nullable
        NvramStatus nvram,

        @JsonPropertyDescription("The libvirt domain.") @Nullable
        DomainStatus domain,

        @JsonPropertyDescription("What the guest agent says; nothing when the guest has none.") @Nullable
        GuestStatus guest,

        @JsonPropertyDescription(
                "Conditions: Ready, Reconciling, Stalled, Scheduled, NvramReady, DomainRunning, SecureBootEnforcing, FirmwareAsDeclared, GuestAgentConnected, RestartRequired.")
        List<Condition> conditions) {
    public static final UefiVirtualMachineStatus EMPTY = new UefiVirtualMachineStatus(
            null, null, null, null, null, null, List.of(), null, null, null, null, null, null, null, null, List.of());

    public UefiVirtualMachineStatus {
        conditions = Conditions.inOrder(conditions);
        expandedDisks = expandedDisks == null ? List.of() : List.copyOf(expandedDisks);
    }

    /** What a node agent applies. */
    public static UefiVirtualMachineStatus ofAgent(
            @Nullable String machineType,
            @Nullable FirmwareStatus firmware,
            @Nullable NvramStatus nvram,
            @Nullable DomainStatus domain,
            @Nullable GuestStatus guest,
            List<Condition> conditions) {
        return new UefiVirtualMachineStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                null,
                machineType,
                firmware,
                nvram,
                domain,
                guest,
                conditions);
    }

    public Optional<Condition> condition(ConditionType type) {
        return conditions.stream().filter(c -> type.name().equals(c.getType())).findFirst();
    }
}
