package io.uefivm.agent.pci;

import java.util.Map;

/**
 * What a PCI function is, from its class register (PCI Code and ID Assignment Specification, 1).
 *
 * @param code base class, subclass and programming interface, 24 bits
 */
public record PciClass(int code) {
    private static final int BRIDGE = 0x06;
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0x0100, "SCSI"),
            Map.entry(0x0104, "RAID"),
            Map.entry(0x0106, "SATA"),
            Map.entry(0x0107, "SAS"),
            Map.entry(0x0108, "NVMe"),
            Map.entry(0x0200, "Ethernet"),
            Map.entry(0x0207, "InfiniBand"),
            Map.entry(0x0280, "network"),
            Map.entry(0x0300, "VGA"),
            Map.entry(0x0302, "3D"),
            Map.entry(0x0380, "display"),
            Map.entry(0x0403, "audio"),
            Map.entry(0x0500, "RAM"),
            Map.entry(0x0600, "host bridge"),
            Map.entry(0x0601, "ISA bridge"),
            Map.entry(0x0604, "PCI bridge"),
            Map.entry(0x0b40, "co-processor"),
            Map.entry(0x0c03, "USB"),
            Map.entry(0x0c05, "SMBus"),
            Map.entry(0x0c80, "serial bus"),
            Map.entry(0x1200, "accelerator"));

    private int base() {
        return code >> 16;
    }

    private int subclass() {
        return code >> 8;
    }

    /** Any bridge. */
    public boolean isBridge() {
        return base() == BRIDGE;
    }

    /** A bridge between PCI buses: its driver does no DMA, so that VFIO lets it stay in a group. */
    public boolean isPciBridge() {
        return subclass() == 0x0604 || subclass() == 0x0609;
    }

    /** A device that somebody would want in a guest: storage, network, display, USB, co-processor, accelerator. */
    public boolean isWorthPassing() {
        return switch (base()) {
            case 0x01, 0x02, 0x03, 0x12 -> true;
            default -> subclass() == 0x0c03 || subclass() == 0x0b40;
        };
    }

    /** Base class and subclass in hexadecimal, with a name where it has one. */
    @Override
    public String toString() {
        String digits = String.format("%04x", subclass());
        String name = NAMES.get(subclass());
        return name == null ? digits : digits + " " + name;
    }
}
