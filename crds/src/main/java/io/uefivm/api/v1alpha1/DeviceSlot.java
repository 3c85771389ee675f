package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Where a disk, network card or passed-through device is plugged in, at every start and on every host. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeviceSlot(
        @JsonPropertyDescription("Name of the disk, network or device in the spec.")
        String name,

        @JsonPropertyDescription("pci, scsi, sata or usb.") SlotBus bus,

        @JsonPropertyDescription("Place on that bus among the devices of the spec, from 0.")
        Integer number) {}
