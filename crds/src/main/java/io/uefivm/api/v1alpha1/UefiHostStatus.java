package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a host can do. The agent applies everything but {@code Ready}, which the operator derives from the heartbeat. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record UefiHostStatus(
        @JsonPropertyDescription("The node agent.") @Nullable
        AgentInfo agent,

        @JsonPropertyDescription("What libvirt and QEMU can do.") @Nullable
        Virtualization virtualization,

        @JsonPropertyDescription("UEFI firmware builds, in the order in which they are preferred.")
        List<FirmwareBuild> firmware,

        @JsonPropertyDescription(
                "PCI devices that could be passed through: displays, network cards, storage, USB controllers and accelerators; at most 256.")
        @Size(max = 256)
        List<HostPciDevice> pciDevices,

        @JsonPropertyDescription("Conditions: Ready, Virtualization, FirmwareAvailable.")
        List<Condition> conditions) {
    public UefiHostStatus {
        firmware = firmware == null ? List.of() : List.copyOf(firmware);
        conditions = Conditions.inOrder(conditions);
        pciDevices = pciDevices == null ? List.of() : List.copyOf(pciDevices);
    }

    public Optional<Condition> condition(ConditionType type) {
        return conditions.stream().filter(c -> type.name().equals(c.getType())).findFirst();
    }
}
