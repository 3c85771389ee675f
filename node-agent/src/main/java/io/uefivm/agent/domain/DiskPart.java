package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import io.uefivm.api.v1alpha1.DiskFormat;
import java.util.List;

/** Disks and CD-ROMs. */
final class DiskPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        BootOrder bootOrder = BootOrder.of(input.spec());
        return DiskSlot.of(input).stream()
                .map(slot -> render(slot, input.source(slot.disk()), bootOrder))
                .toList();
    }

    private static Fragment render(DiskSlot slot, DiskSource source, BootOrder bootOrder) {
        Disk disk = slot.disk();
        if (!disk.presentedAsCdrom() && disk.effectivelyReadOnly() && slot.bus() == DiskBus.SATA) {
            throw new UnsupportedSpecException(
                    "spec.disks[" + disk.name() + "].readOnly",
                    "a SATA disk cannot be read-only; use virtio, scsi or usb, or make it a cdrom");
        }
        var element = element("disk")
                .attribute("type", source instanceof BlockDisk ? "block" : "file")
                .attribute("device", disk.presentedAsCdrom() ? "cdrom" : "disk")
                .with(driver(disk, source))
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
        return slot.fragment(element);
    }

    /**
     * A block device is opened past the host's page cache: nothing is cached twice, and the host's memory stays the
     * guests'. Whether the file system of an image can do that (O_DIRECT) is not known here; tmpfs and some network
     * file systems cannot, and QEMU does not start then. Writeback works on all of them and is as safe, since the
     * guest's own flushes reach the disk in both.
     */
    private static Element driver(Disk disk, DiskSource source) {
        var driver = element("driver")
                .attribute("name", "qemu")
                .attribute("type", disk.effectiveFormat() == DiskFormat.QCOW2 ? "qcow2" : "raw");
        if (source instanceof BlockDisk) {
            driver = driver.attribute("cache", "none").attribute("io", "native");
        } else if (source instanceof FileDisk) {
            driver = driver.attribute("cache", "writeback");
        }
        return disk.effectivelyReadOnly() ? driver : driver.attribute("discard", "unmap");
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
