package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What makes the machine itself in the eyes of its guest: derived once, kept for ever. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Identity(
        @JsonPropertyDescription("UUID of the libvirt domain and of the guest's SMBIOS table.")
        String uuid,

        @JsonPropertyDescription("MAC address of each network card.")
        List<MacAddress> macAddresses,

        @JsonPropertyDescription(
                "Where each disk, network and device is plugged in. It stays there while others come and go.")
        List<DeviceSlot> slots) {
    public Identity {
        slots = slots == null ? List.of() : List.copyOf(slots);
        macAddresses = macAddresses == null ? List.of() : List.copyOf(macAddresses);
    }
}
