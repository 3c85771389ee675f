package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Presents a disk as a CD-ROM. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!(has(self.ejected) && self.ejected && self.bus == 'usb')",
        message = "a usb CD-ROM cannot be ejected, because libvirt makes it a removable disk; use sata or scsi")
public record Cdrom(
        @JsonPropertyDescription(
                "sata (default), which Windows setup reads without a driver, scsi, for guests with virtio drivers and without AHCI, as the kernels of many cloud images, or usb. libvirt 9.0 makes usb a removable, read-only disk: guests read FAT or NTFS there, and not all of them ISO 9660. Q35 has no IDE controller.")
        @Default("sata")
        CdromBus bus,

        @JsonPropertyDescription(
                "Whether the drive is empty. Default false. Can be changed while the VM runs: true ejects the medium, false inserts it again. Its claim stays mounted.")
        @Nullable
        Boolean ejected) {
    public Cdrom {
        bus = Defaults.or(bus, CdromBus.SATA);
    }
}
