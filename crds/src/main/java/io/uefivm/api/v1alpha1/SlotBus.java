package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a device of a VM is plugged into, and what its number counts there. */
public enum SlotBus {
    /** PCI Express: root ports. */
    @JsonProperty("pci")
    PCI,
    /** Targets of the virtio-scsi controller. */
    @JsonProperty("scsi")
    SCSI,
    /** Ports of the AHCI controllers. */
    @JsonProperty("sata")
    SATA,
    /** Ports of the USB controller. */
    @JsonProperty("usb")
    USB
}
