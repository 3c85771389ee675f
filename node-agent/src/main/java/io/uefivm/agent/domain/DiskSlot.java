package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.api.v1alpha1.Cdrom;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;

/**
 * Where a disk or CD-ROM is attached.
 *
 * @param index place among all on that bus, from 0
 * @param device libvirt's name for it, for example {@code vda}; guests choose their own
 */
record DiskSlot(Disk disk, DiskBus bus, int index, String device) {
    /** Ports of one AHCI controller. */
    static final int SATA_PORTS = 6;

    private static final int LETTERS = 26;

    /** The slots of the disks, in their order. */
    static List<DiskSlot> of(List<Disk> disks) {
        var onBus = new EnumMap<DiskBus, Integer>(DiskBus.class);
        int virtio = 0;
        int others = 0;
        var slots = new ArrayList<DiskSlot>();
        for (Disk disk : disks) {
            DiskBus bus = bus(disk);
            int index = onBus.merge(bus, 1, Integer::sum) - 1;
            String device = bus == DiskBus.VIRTIO ? "vd" + letters(virtio++) : "sd" + letters(others++);
            slots.add(new DiskSlot(disk, bus, index, device));
        }
        return slots;
    }

    /** How many disks and CD-ROMs are on each bus. */
    static int count(List<Disk> disks, DiskBus bus) {
        return (int) disks.stream().filter(disk -> bus(disk) == bus).count();
    }

    private static DiskBus bus(Disk disk) {
        Cdrom cdrom = disk.cdrom();
        if (cdrom == null) {
            return disk.effectiveBus();
        }
        return switch (cdrom.bus()) {
            case SATA -> DiskBus.SATA;
            case USB -> DiskBus.USB;
        };
    }

    /** a to z, then aa, ab and so on. */
    private static String letters(int index) {
        String last = String.valueOf((char) ('a' + index % LETTERS));
        return index < LETTERS ? last : letters(index / LETTERS - 1) + last;
    }

    /**
     * The elements that attach it. scsi, sata and usb share one row of device names, from which libvirt would derive
     * the addresses of the first two: these are therefore given.
     */
    List<Element> elements() {
        var target = element("target").attribute("dev", device);
        return switch (bus) {
            case VIRTIO -> List.of(target.attribute("bus", "virtio"));
            case SCSI -> List.of(target.attribute("bus", "scsi"), drive(0, index, 0));
            case SATA -> List.of(target.attribute("bus", "sata"), drive(index / SATA_PORTS, 0, index % SATA_PORTS));
            case USB ->
                List.of(target.attribute("bus", "usb").attribute("removable", disk.cdrom() == null ? "off" : "on"));
            case NVME ->
                throw new UnsupportedSpecException(
                        "spec.disks[" + disk.name() + "].bus",
                        "libvirt cannot emulate NVMe and would leave the disk unguarded if QEMU were told past it;"
                                + " use virtio, scsi or sata");
        };
    }

    private static Element drive(int controller, int target, int unit) {
        return element("address")
                .attribute("type", "drive")
                .attribute("controller", controller)
                .attribute("bus", 0)
                .attribute("target", target)
                .attribute("unit", unit);
    }
}
