package io.uefivm.agent.varstore;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A device path from the PCI host bridge to a device (UEFI specification 10.3), built node by node.
 *
 * @param nodes from the host bridge on
 * @param isComplete whether the firmware finds the device by this path alone; else it only tells which longer paths lead
 *     to it
 */
public record HardwarePath(List<DevicePath.Node> nodes, boolean isComplete) {
    private static final int HARDWARE = 1;
    private static final int ACPI = 2;
    private static final int MESSAGING = 3;
    private static final long PCI_HOST_BRIDGE = 0x0a03_41d0L;
    private static final int NO_PORT_MULTIPLIER = 0xffff;
    private static final int MAC_FIELD = 32;
    private static final int ETHERNET = 1;
    private static final int HEADER = 4;

    /** Copies the list. */
    public HardwarePath {
        nodes = List.copyOf(nodes);
    }

    /** The first PCI host bridge, {@code PciRoot(0x0)}. */
    public static HardwarePath pciRoot() {
        return new HardwarePath(
                List.of(new DevicePath.Node(
                        ACPI, 1, new ByteWriter().u32(PCI_HOST_BRIDGE).u32(0).toBytes())),
                true);
    }

    /** A PCI function on the bus that the path so far leads to. */
    public HardwarePath pci(int device, int function) {
        return then(HARDWARE, 1, new ByteWriter().u8(function).u8(device));
    }

    /** A disk of a SCSI controller. */
    public HardwarePath scsi(int target, int lun) {
        return then(MESSAGING, 2, new ByteWriter().u16(target).u16(lun));
    }

    /** A disk of an AHCI controller. */
    public HardwarePath sata(int port) {
        return then(
                MESSAGING,
                0x12,
                new ByteWriter().u16(port).u16(NO_PORT_MULTIPLIER).u16(0));
    }

    /**
     * A disk of a USB controller.
     *
     * @param port from 0
     */
    public HardwarePath usb(int port) {
        return then(MESSAGING, 5, new ByteWriter().u8(port).u8(0));
    }

    /**
     * What boots over IPv4 from a network card.
     *
     * @param mac six bytes in hexadecimal, with colons
     */
    public HardwarePath networkBoot(String mac) {
        byte[] address = HexFormat.ofDelimiter(":").parseHex(mac);
        HardwarePath card = then(
                MESSAGING,
                0x0b,
                new ByteWriter()
                        .bytes(Bytes.wrap(address))
                        .repeat(0, MAC_FIELD - address.length)
                        .u8(ETHERNET));
        // Addresses, ports, protocol, origin, gateway, mask: DHCP finds them.
        return card.then(MESSAGING, 0x0c, new ByteWriter().repeat(0, 23));
    }

    /** The same network boot by HTTP. From where is for DHCP to say: the address is empty. */
    public HardwarePath byHttp() {
        return then(MESSAGING, 0x18, new ByteWriter());
    }

    /** The same path as the start of others: the firmware alone knows how they go on. */
    public HardwarePath andBeyond() {
        return new HardwarePath(nodes, false);
    }

    private HardwarePath then(int type, int subtype, ByteWriter body) {
        List<DevicePath.Node> longer = new ArrayList<>(nodes);
        longer.add(new DevicePath.Node(type, subtype, body.toBytes()));
        return new HardwarePath(longer, isComplete);
    }

    /** Whether a path is this one, or goes on from it. */
    public boolean leadsTo(DevicePath path) {
        List<DevicePath.Node> other = path.instances().get(0);
        return other.size() >= nodes.size() && other.subList(0, nodes.size()).equals(nodes);
    }

    /** As a path of one instance. */
    public DevicePath path() {
        return new DevicePath(List.of(nodes));
    }

    /** As it stands in a boot entry, with the node that ends it. */
    public Bytes toBytes() {
        ByteWriter bytes = new ByteWriter();
        for (DevicePath.Node node : nodes) {
            bytes.u8(node.type())
                    .u8(node.subtype())
                    .u16(HEADER + node.body().length())
                    .bytes(node.body());
        }
        return bytes.u8(0x7f).u8(0xff).u16(HEADER).toBytes();
    }
}
