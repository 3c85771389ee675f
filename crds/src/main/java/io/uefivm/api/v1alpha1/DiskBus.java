package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a disk is attached. Q35 has no IDE controller. */
public enum DiskBus {
    @JsonProperty("virtio")
    VIRTIO,
    @JsonProperty("scsi")
    SCSI,
    @JsonProperty("sata")
    SATA,
    @JsonProperty("nvme")
    NVME,
    @JsonProperty("usb")
    USB
}
