package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A PCI device of a host that could be passed through: a whole slot, or one virtual function of a card. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HostPciDevice(
        @JsonPropertyDescription(
                "What spec.devices[].pci.address takes: a slot such as 0000:01:00, or a virtual function such as 0000:3b:02.1.")
        String address,

        @JsonPropertyDescription("Vendor of its first function, four hexadecimal digits.")
        String vendor,

        @JsonPropertyDescription("Device ID of its first function, four hexadecimal digits.")
        String device,

        @JsonPropertyDescription("Class of its first function with a name, for example 0300 VGA.")
        @JsonProperty("class")
        String classCode,

        @JsonPropertyDescription("The extended resource that the device is counted as.")
        String resource,

        @JsonPropertyDescription("All its functions; they are passed through together.")
        List<String> functions,

        @JsonPropertyDescription("Driver of its first function now; vfio-pci while a VM has it.") @Nullable
        String driver,

        @JsonPropertyDescription("IOMMU group of its first function; none without an IOMMU.") @Nullable
        Integer iommuGroup,

        @JsonPropertyDescription(
                "What else is in its IOMMU groups, bridges included: address, vendor:device, class, driver.")
        List<String> groupMembers,

        @JsonPropertyDescription("Its memory.") List<PciBar> bars,

        @JsonPropertyDescription("How the kernel can reset its first function, in the order in which it tries.")
        List<String> resetMethods,

        @JsonPropertyDescription("The card that a virtual function belongs to.") @Nullable
        String physicalFunction,

        @JsonPropertyDescription("The VM that has it, namespace/name.") @Nullable
        String assignedTo,

        @JsonPropertyDescription("Why no VM can have it now, with the remedy; not there when one can.") @Nullable
        String unavailable) {
    public HostPciDevice {
        functions = functions == null ? List.of() : List.copyOf(functions);
        groupMembers = groupMembers == null ? List.of() : List.copyOf(groupMembers);
        bars = bars == null ? List.of() : List.copyOf(bars);
        resetMethods = resetMethods == null ? List.of() : List.copyOf(resetMethods);
    }

    /** All its memory, in bytes. */
    public long memory() {
        return bars.stream().mapToLong(PciBar::bytes).sum();
    }
}
