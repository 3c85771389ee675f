package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device of the host that is passed through to the guest. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Device(
        @JsonPropertyDescription("Name of the device, unique among disks, networks and devices of the VM.")
        @Required
        @Size(min = 1, max = 40)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        String name,

        @JsonPropertyDescription("A PCI device of the host.") @Required
        PciDevice pci,

        @JsonPropertyDescription(
                "Expansion ROM for the device's first function, in place of its own: for a card whose own is missing, shadowed by the host's boot, or without a UEFI driver.")
        @Nullable
        Rom rom) {
    /** The claim that its ROM is in, if it is in one. */
    public Optional<RomClaim> romClaim() {
        return Optional.ofNullable(rom).map(Rom::persistentVolumeClaim);
    }
}
