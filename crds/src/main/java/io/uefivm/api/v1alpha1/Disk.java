package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A disk or CD-ROM.
 *
 * @param bus how a disk is attached; null for a CD-ROM and for the default, see {@link #effectiveBus()}
 * @param bootOrder 1 boots first; null means after all that have one, in list order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!(has(self.bus) && has(self.cdrom))",
        message = "bus and cdrom exclude each other: the bus of a CD-ROM is given in cdrom.bus")
@ValidationRule(
        value = "[has(self.persistentVolumeClaim), has(self.cloudInit), has(self.answerFile)].exists_one(x, x)",
        message = "exactly one of persistentVolumeClaim, cloudInit and answerFile must be given")
@ValidationRule(
        value = "!has(self.persistentVolumeClaim) || !has(self.persistentVolumeClaim.file) || has(self.cdrom)",
        message = "persistentVolumeClaim.file is for a cdrom; the image of a disk is disk.img")
@ValidationRule(
        value = "has(self.persistentVolumeClaim) || !has(self.format)",
        message = "format is for disks that a persistentVolumeClaim holds")
@ValidationRule(
        value = "has(self.persistentVolumeClaim) || !has(self.bus) || self.bus != 'sata'",
        message = "a medium that is made for the VM is read-only, and a sata disk cannot be; make it a cdrom")
@ValidationRule(
        value = "!(has(self.readOnly) && self.readOnly && has(self.bus) && self.bus == 'sata')",
        message = "a sata disk cannot be read-only: QEMU has none; use virtio, scsi or usb, or make it a cdrom")
@ValidationRule(
        value = "(has(self.persistentVolumeClaim) && !has(self.cdrom))"
                + " || !(has(self.cache) || has(self.discard) || has(self.ioThread) || has(self.shareable))",
        message = "cache, discard, ioThread and shareable are for disks that a persistentVolumeClaim holds, not for a"
                + " cdrom or a medium that is made")
@ValidationRule(
        value = "!(has(self.shareable) && self.shareable)"
                + " || ((!has(self.format) || self.format == 'raw') && (!has(self.cache) || self.cache == 'none'))",
        message =
                "a shareable disk needs format raw and cache none: what one VM keeps in a qcow2 header or in its host's"
                        + " memory, the others do not see")
@ValidationRule(
        value = "!(has(self.ioThread) && self.ioThread) || !has(self.bus) || self.bus == 'virtio'",
        message = "ioThread is for disks on virtio; the controllers of the other buses run in QEMU's main loop")
@ValidationRule(
        value = "!(has(self.readOnly) && self.readOnly && has(self.discard))",
        message = "a read-only disk has nothing to discard; leave out discard or readOnly")
public record Disk(
        @JsonPropertyDescription("Name of the disk, unique among disks, networks and devices of the VM.")
        @Required
        @Size(min = 1, max = 40)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        String name,

        @JsonPropertyDescription(
                "virtio (default), scsi, sata, nvme or usb. Q35 has no IDE controller; use sata for a guest without virtio drivers.")
        @Nullable
        DiskBus bus,

        @JsonPropertyDescription("Present the disk as a CD-ROM.") @Nullable
        Cdrom cdrom,

        @JsonPropertyDescription(
                "Place in the boot order, 1 first, unique in the VM. Without any, disks are tried in the order of the list, then networks.")
        @Min(1)
        @Max(64)
        @Nullable
        Integer bootOrder,

        @JsonPropertyDescription("The guest cannot write to the disk. Default false; a CD-ROM is always read-only.")
        @Nullable
        Boolean readOnly,

        @JsonPropertyDescription(
                "raw (default) or qcow2: how the claim keeps the disk. It is never guessed, because a guest can write any header to a raw disk. A qcow2 image must stand alone, without a backing file or an external data file.")
        @Nullable
        DiskFormat format,

        @JsonPropertyDescription(
                "none, writethrough or writeback: whether the host's memory caches the disk. The default is none, which leaves that memory to the guests; where the claim's file system has no direct I/O it is writeback. What the guest has flushed is safe with all three.")
        @Nullable
        DiskCache cache,

        @JsonPropertyDescription(
                "unmap (default) or ignore: whether the space that the guest gives up by TRIM goes back to the storage.")
        @Nullable
        DiskDiscard discard,

        @JsonPropertyDescription(
                "A thread of its own serves the disk, instead of the one that serves all else of the VM. For a virtio disk under heavy load. Default false.")
        @Nullable
        Boolean ioThread,

        @JsonPropertyDescription(
                "Other VMs may have the disk attached at the same time, for software that was made for shared disks: a cluster file system or a fail-over cluster. Any other file system on it would be destroyed. Default false.")
        @Nullable
        Boolean shareable,

        @JsonPropertyDescription(
                "The claim that holds the disk: an image named disk.img in Filesystem mode, or a block device.")
        @Nullable
        ClaimSource persistentVolumeClaim,

        @JsonPropertyDescription(
                "A read-only medium with cloud-init's data, made at each start. virtio if neither bus nor cdrom is given.")
        @Nullable
        CloudInit cloudInit,

        @JsonPropertyDescription(
                "A read-only medium with Windows setup's answers, made at each start. A CD-ROM on sata if neither bus nor cdrom is given.")
        @Nullable
        AnswerFile answerFile) {

    /** The bus of a disk that is not a CD-ROM. */
    public DiskBus effectiveBus() {
        return bus == null ? DiskBus.VIRTIO : bus;
    }

    /** How its bytes are kept. */
    public DiskFormat effectiveFormat() {
        return format == null ? DiskFormat.RAW : format;
    }

    /** Whether a thread of its own serves it. */
    public boolean hasIoThread() {
        return Boolean.TRUE.equals(ioThread);
    }

    /** Whether other VMs may write to it meanwhile. */
    public boolean mayBeShared() {
        return Boolean.TRUE.equals(shareable);
    }

    /** The bus of a disk or CD-ROM. */
    public DiskBus attachedTo() {
        if (cdrom == null) {
            return presentedAsCdrom() ? DiskBus.SATA : effectiveBus();
        }
        return switch (cdrom.bus()) {
            case SATA -> DiskBus.SATA;
            case SCSI -> DiskBus.SCSI;
            case USB -> DiskBus.USB;
        };
    }

    /** Whether the guest sees a CD-ROM. Windows setup has no driver for virtio. */
    public boolean presentedAsCdrom() {
        return cdrom != null || (answerFile != null && bus == null);
    }

    /** The file that holds it in a claim with a file system. */
    public String imageFile() {
        return persistentVolumeClaim == null ? ClaimSource.DISK_IMAGE : persistentVolumeClaim.effectiveFile();
    }

    /** Whether that file is given, which a block device has not. */
    public boolean namesFile() {
        return persistentVolumeClaim != null && persistentVolumeClaim.file() != null;
    }

    /** Whether it is a CD-ROM drive without a medium. */
    public boolean ejected() {
        return cdrom != null && Boolean.TRUE.equals(cdrom.ejected());
    }

    /** Whether the guest cannot write to it. */
    public boolean effectivelyReadOnly() {
        return presentedAsCdrom() || persistentVolumeClaim == null || Boolean.TRUE.equals(readOnly);
    }

    /** Name of the claim that holds it; empty for a medium that is made. */
    public Optional<String> claimName() {
        return Optional.ofNullable(persistentVolumeClaim).map(ClaimSource::claimName);
    }
}
