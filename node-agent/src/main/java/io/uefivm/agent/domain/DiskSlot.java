package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a disk or CD-ROM is attached.
 *
 * @param index recorded place on that bus, from 0
 * @param device libvirt's name for it, for example {@code vda}; guests choose their own
 */
record DiskSlot(Disk disk, DiskBus bus, int index, String device) {
    /** Ports of one AHCI controller. */
    static final int SATA_PORTS = 6;

    private static final int LETTERS = 26;

    /** The slots of a VM's disks, in their order. */
    static List<DiskSlot> of(DomainInput input) {
        int virtio = 0;
        int others = 0;
        var slots = new ArrayList<DiskSlot>();
        for (Disk disk : input.spec().disks()) {
            DiskBus bus = disk.attachedTo();
            int index = input.slot(disk.name());
            String device = onRootPort(bus) ? "vd" + letters(virtio++) : "sd" + letters(others++);
            slots.add(new DiskSlot(disk, bus, index, device));
        }
        return slots;
    }

    /** Whether it is a PCI device of its own. */
    private static boolean onRootPort(DiskBus bus) {
        return bus == DiskBus.VIRTIO || bus == DiskBus.NVME;
    }

    /** The fragment of a disk that is attached here. */
    Fragment fragment(Element element) {
        return onRootPort(bus)
                ? Fragment.onPort(Place.DEVICES, RootPorts.ofSpec(index), element)
                : Fragment.of(Place.DEVICES, element);
    }

    /** a to z, then aa, ab and so on. */
    private static String letters(int index) {
        String last = String.valueOf((char) ('a' + index % LETTERS));
        return index < LETTERS ? last : letters(index / LETTERS - 1) + last;
    }

    /**
     * The elements that attach it, apart from the root port. scsi, sata and usb share one row of device names, from which
     * libvirt would derive the addresses of the first two. libvirt 9.0 has no emulated NVMe: see {@link NvmeOverride}.
     */
    List<Element> elements() {
        var target = element("target").attribute("dev", device);
        return switch (bus) {
            case VIRTIO -> List.of(target.attribute("bus", "virtio"));
            case SCSI -> List.of(target.attribute("bus", "scsi"), drive(0, index, 0));
            case SATA -> List.of(target.attribute("bus", "sata"), drive(index / SATA_PORTS, 0, index % SATA_PORTS));
            case USB ->
                List.of(
                        target.attribute("bus", "usb").attribute("removable", disk.presentedAsCdrom() ? "on" : "off"),
                        UsbPart.port(UsbPart.FIRST_DISK + index));
            case NVME -> List.of(target.attribute("bus", "virtio"), NvmeOverride.alias(disk));
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
