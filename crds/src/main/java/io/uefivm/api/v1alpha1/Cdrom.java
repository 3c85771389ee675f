package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** Presents a disk as a CD-ROM. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Cdrom(
        @JsonPropertyDescription(
                "sata (default), which Windows setup reads without a driver, or usb. libvirt 9.0 makes usb a removable, read-only disk: guests read FAT or NTFS there, and not all of them ISO 9660. Q35 has no IDE controller.")
        @Default("sata")
        CdromBus bus) {
    public Cdrom {
        bus = Defaults.or(bus, CdromBus.SATA);
    }
}
