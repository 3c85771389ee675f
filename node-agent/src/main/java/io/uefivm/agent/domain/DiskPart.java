package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.agent.domain.DiskSource.NoMedium;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import io.uefivm.api.v1alpha1.DiskCache;
import io.uefivm.api.v1alpha1.DiskDiscard;
import io.uefivm.api.v1alpha1.DiskFormat;
import java.util.List;

/** Disks and CD-ROMs. */
final class DiskPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        BootOrder bootOrder = BootOrder.of(input.spec());
        return DiskSlot.of(input).stream()
                .map(slot -> render(slot, input, bootOrder))
                .toList();
    }

    private static Fragment render(DiskSlot slot, DomainInput input, BootOrder bootOrder) {
        Disk disk = slot.disk();
        DiskSource source = input.source(disk);
        if (!disk.presentedAsCdrom() && disk.effectivelyReadOnly() && slot.bus() == DiskBus.SATA) {
            throw new UnsupportedSpecException(
                    "spec.disks[" + disk.name() + "].readOnly",
                    "a SATA disk cannot be read-only; use virtio, scsi or usb, or make it a cdrom");
        }
        var element = element("disk")
                .attribute("type", source instanceof BlockDisk ? "block" : "file")
                .attribute("device", disk.presentedAsCdrom() ? "cdrom" : "disk")
                .with(IoThreadPart.assign(driver(disk, source), disk, input))
                .with(source(source))
                .with(slot.elements())
                .with(element("serial").text(DiskSerial.of(disk.name())), bootOrder.element(disk.name()));
        if (disk.effectiveFormat() == DiskFormat.QCOW2) {
            // The end of the chain, said aloud: else libvirt opens whatever file of the host the image's header names.
            element = element.with(element("backingStore"));
        }
        if (disk.effectivelyReadOnly()) {
            element = element.with(element("readonly"));
        }
        if (disk.mayBeShared()) {
            // Without it QEMU locks the image for itself.
            element = element.with(element("shareable"));
        }
        return slot.fragment(element);
    }

    private static Element driver(Disk disk, DiskSource source) {
        var driver = element("driver")
                .attribute("name", "qemu")
                .attribute("type", disk.effectiveFormat() == DiskFormat.QCOW2 ? "qcow2" : "raw");
        if (!(source instanceof NoMedium)) {
            DiskCache cache = cache(disk, source);
            driver = driver.attribute("cache", name(cache));
            if (source instanceof BlockDisk && cache == DiskCache.NONE) {
                // Not for images: where a write has to find new space, Linux lets the submitter wait, which is the
                // guest.
                driver = driver.attribute("io", "native");
            }
        }
        return disk.effectivelyReadOnly()
                ? driver
                : driver.attribute("discard", disk.discard() == DiskDiscard.IGNORE ? "ignore" : "unmap");
    }

    /**
     * Past the host's page cache where the storage can do that: nothing is cached twice, and the host's memory stays the
     * guests'. QEMU does not start on a file system that cannot (tmpfs of older kernels, some network file systems).
     * Writeback works on all of them and is as safe, since the guest's own flushes reach the disk in both. It is kept for
     * media, which are read once and from the beginning to the end.
     */
    private static DiskCache cache(Disk disk, DiskSource source) {
        boolean direct = !(source instanceof FileDisk file) || file.directIo();
        if (!direct && (disk.cache() == DiskCache.NONE || disk.mayBeShared())) {
            throw new UnsupportedSpecException(
                    "spec.disks[" + disk.name() + "]." + (disk.mayBeShared() ? "shareable" : "cache"),
                    "needs direct I/O (O_DIRECT), which the file system of its claim does not do; "
                            + (disk.mayBeShared()
                                    ? "use a claim with volumeMode Block"
                                    : "use writeback, or a claim with volumeMode Block"));
        }
        if (disk.cache() != null) {
            return disk.cache();
        }
        boolean medium = source instanceof FileDisk
                && (disk.presentedAsCdrom() || disk.claimName().isEmpty());
        return direct && !medium ? DiskCache.NONE : DiskCache.WRITEBACK;
    }

    private static String name(DiskCache cache) {
        return switch (cache) {
            case NONE -> "none";
            case WRITETHROUGH -> "writethrough";
            case WRITEBACK -> "writeback";
        };
    }

    private static List<Element> source(DiskSource source) {
        if (source instanceof FileDisk file) {
            return List.of(element("source").attribute("file", file.path()));
        } else if (source instanceof BlockDisk device) {
            return List.of(element("source").attribute("dev", device.path()));
        }
        return List.of();
    }
}
