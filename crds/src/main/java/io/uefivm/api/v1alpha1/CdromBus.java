package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a CD-ROM is attached. Q35 has no IDE controller, and virtio has no CD-ROM. */
public enum CdromBus {
    @JsonProperty("sata")
    SATA,
    @JsonProperty("scsi")
    SCSI,
    @JsonProperty("usb")
    USB
}
