package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A PCI device of the host: one certain slot, or any that Kubernetes counts under a resource name. All functions of a
 * slot go to the guest together.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.address), has(self.resource), has(self.vendor) || has(self.device)].filter(given, given)"
                + ".size() == 1",
        message = "exactly one of address, resource, and vendor with device must be given")
@ValidationRule(
        value = "has(self.vendor) == has(self.device)",
        message = "vendor and device are given together: a vendor makes many devices")
public record PciDevice(
        @JsonPropertyDescription(
                "Slot on the host as domain:bus:device, for example 0000:01:00, or one virtual function of a card, for example 0000:3b:02.1. Select the node that has it with nodeSelector.")
        @Pattern("^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f](\\.[0-7])?$")
        @Nullable
        String address,

        @JsonPropertyDescription(
                "Extended resource that such devices are counted as, for example uefivm.io/pci-10de-2204; the VM is placed on a node that has one free.")
        @Pattern(
                "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")
        @Size(max = 128)
        @Nullable
        String resource,

        @JsonPropertyDescription(
                "Vendor ID, four hexadecimal digits; with device, short for resource uefivm.io/pci-<vendor>-<device>.")
        @Pattern("^[0-9a-f]{4}$")
        @Nullable
        String vendor,

        @JsonPropertyDescription("Device ID, four hexadecimal digits.") @Pattern("^[0-9a-f]{4}$") @Nullable
        String device) {
    private static final String RESOURCE = Api.GROUP + "/pci-%s-%s";

    /** The extended resource that the VM's pod asks for; empty for a certain address. */
    public Optional<String> countedAs() {
        return vendor != null && device != null
                ? Optional.of(resourceOf(vendor, device))
                : Optional.ofNullable(resource);
    }

    /** Whether a device of a host is one of those that are meant. */
    public boolean covers(HostPciDevice device) {
        return countedAs()
                .map(device.resource()::equals)
                .orElseGet(() -> device.address().equals(address));
    }

    /** The extended resource that devices of a kind are counted as. */
    public static String resourceOf(String vendor, String device) {
        return String.format(RESOURCE, vendor, device);
    }
}
