package io.uefivm.agent.varstore;

import static java.util.Map.entry;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * The text form of device path nodes (UEFI specification 10.6.1.6), with digits and order as EDK2's shell prints them.
 *
 * <p>A node without a form of its own here, or too short for it, gets the generic form of the specification: type,
 * subtype, bytes.
 */
final class DevicePathText {
    private static final int PNP = 0x41d0;
    private static final Map<Integer, String> ACPI_DEVICES = Map.of(
            0x0a03, "PciRoot",
            0x0a08, "PcieRoot",
            0x0604, "Floppy",
            0x0301, "Keyboard",
            0x0501, "Serial",
            0x0401, "ParallelPort");
    private static final Map<UUID, String> TERMINALS = Map.of(
            UUID.fromString("e0c14753-f9be-11d2-9a0c-0090273fc14d"), "VenPcAnsi()",
            UUID.fromString("dfa66065-b419-11d3-9a2d-0090273fc14d"), "VenVt100()",
            UUID.fromString("7baec70b-57e0-4c76-8e87-2f9e28088343"), "VenVt100Plus()",
            UUID.fromString("ad15a0d6-8bec-4acf-a073-d01de77e2d88"), "VenUtf8()");
    private static final Map<Integer, String> GENERIC =
            Map.of(1, "HardwarePath", 2, "AcpiPath", 3, "Msg", 4, "MediaPath", 5, "BbsPath");
    private static final Map<Integer, String> USB_CLASSES = Map.ofEntries(
            entry(0x01, "UsbAudio"),
            entry(0x02, "UsbCDCControl"),
            entry(0x03, "UsbHID"),
            entry(0x06, "UsbImage"),
            entry(0x07, "UsbPrinter"),
            entry(0x08, "UsbMassStorage"),
            entry(0x09, "UsbHub"),
            entry(0x0a, "UsbCDCData"),
            entry(0x0b, "UsbSmartCard"),
            entry(0x0e, "UsbVideo"),
            entry(0xdc, "UsbDiagnostic"),
            entry(0xe0, "UsbWireless"));
    private static final String[] BBS_DEVICES = {"", "Floppy", "HD", "CDROM", "PCMCIA", "USB", "Network"};

    private DevicePathText() {}

    static String of(DevicePath.Node node) {
        try {
            return specific(node.type(), node.subtype(), node.body()).orElseGet(() -> generic(node));
        } catch (IndexOutOfBoundsException shorterThanItsForm) {
            return generic(node);
        }
    }

    private static String generic(DevicePath.Node node) {
        String known = GENERIC.get(node.type());
        String head = known == null ? "Path(" + node.type() + "," + node.subtype() : known + "(" + node.subtype();
        return head + (node.body().length() == 0 ? ")" : "," + upper(node.body()) + ")");
    }

    private static Optional<String> specific(int type, int subtype, Bytes b) {
        return Optional.ofNullable(
                switch (type << 8 | subtype) {
                    case 0x0101 -> format("Pci(0x%X,0x%X)", b.u8(1), b.u8(0));
                    case 0x0102 -> format("PcCard(0x%X)", b.u8(0));
                    case 0x0103 -> format("MemoryMapped(0x%X,0x%X,0x%X)", b.u32(0), b.u64(4), b.u64(12));
                    case 0x0104 -> vendor("VenHw", b);
                    case 0x0105 -> format("Ctrl(0x%X)", b.u32(0));
                    case 0x0201 -> acpi(b.u32(0), b.u32(4));
                    case 0x0203 -> acpiAddresses(b);
                    case 0x0302 -> format("Scsi(0x%X,0x%X)", b.u16(0), b.u16(2));
                    case 0x0305 -> format("USB(0x%X,0x%X)", b.u8(0), b.u8(1));
                    case 0x030a -> TERMINALS.getOrDefault(b.guid(0), vendor("VenMsg", b));
                    case 0x030b -> mac(b);
                    case 0x030c -> ipv4(b);
                    case 0x030d -> ipv6(b);
                    case 0x030e -> uart(b);
                    case 0x030f -> usbClass(b);
                    case 0x0311 -> format("Unit(0x%X)", b.u8(0));
                    case 0x0312 -> format("Sata(0x%X,0x%X,0x%X)", b.u16(0), b.u16(2), b.u16(4));
                    case 0x0314 -> format("Vlan(%d)", b.u16(0));
                    case 0x0317 -> nvme(b);
                    case 0x0318 -> "Uri(" + ascii(b, 0) + ")";
                    case 0x0319 -> format("UFS(0x%X,0x%X)", b.u8(0), b.u8(1));
                    case 0x031a -> format("SD(0x%X)", b.u8(0));
                    case 0x031d -> format("eMMC(0x%X)", b.u8(0));
                    case 0x031f -> dns(b);
                    case 0x0401 -> hardDrive(b);
                    case 0x0402 -> format("CDROM(0x%X,0x%X,0x%X)", b.u32(0), b.u64(4), b.u64(12));
                    case 0x0403 -> vendor("VenMedia", b);
                    case 0x0404 -> filePath(b);
                    case 0x0406 -> format("FvFile(%s)", guid(b, 0));
                    case 0x0407 -> format("Fv(%s)", guid(b, 0));
                    case 0x0408 -> format("Offset(0x%X,0x%X)", b.u64(4), b.u64(12));
                    case 0x0501 -> bbs(b);
                    default -> null;
                });
    }

    private static String acpi(long hid, long uid) {
        if ((hid & 0xffff) != PNP) {
            return format("Acpi(0x%08X,0x%X)", hid, uid);
        }
        return acpiDevice(hid)
                .map(known -> format("%s(0x%X)", known, uid))
                .orElseGet(() -> format("Acpi(PNP%04X,0x%X)", hid >> 16, uid));
    }

    /** Name of an ACPI device that has one here. */
    static Optional<String> acpiDevice(long hid) {
        return (hid & 0xffff) == PNP ? Optional.ofNullable(ACPI_DEVICES.get((int) (hid >> 16))) : Optional.empty();
    }

    private static String acpiAddresses(Bytes b) {
        StringJoiner addresses = new StringJoiner(",", "AcpiAdr(", ")");
        addresses.add(format("0x%X", b.u32(0)));
        for (int at = 4; at + 4 <= b.length(); at += 4) {
            addresses.add(format("0x%X", b.u32(at)));
        }
        return addresses.toString();
    }

    private static String vendor(String kind, Bytes b) {
        Bytes data = b.slice(16, b.length());
        return kind + "(" + guid(b, 0) + (data.length() == 0 ? ")" : "," + upper(data) + ")");
    }

    /** The field has 32 bytes, of which Ethernet uses six. */
    private static String mac(Bytes b) {
        int interfaceType = b.u8(32);
        return format("MAC(%s,0x%X)", upper(b.slice(0, interfaceType <= 1 ? 6 : 32)), interfaceType);
    }

    private static String ipv4(Bytes b) {
        String gatewayAndMask = b.length() < 23 ? "" : "," + dotted(b, 15) + "," + dotted(b, 19);
        return format(
                "IPv4(%s,%s,%s,%s%s)",
                dotted(b, 4), protocol(b.u16(12)), b.u8(14) == 0 ? "DHCP" : "Static", dotted(b, 0), gatewayAndMask);
    }

    private static String ipv6(Bytes b) {
        String origin = switch (b.u8(38)) {
            case 0 -> "Static";
            case 1 -> "StatelessAutoConfigure";
            default -> "StatefulAutoConfigure";
        };
        String prefixAndGateway = b.length() < 56 ? "" : format(",0x%X,%s", b.u8(39), colons(b, 40));
        return format(
                "IPv6(%s,%s,%s,%s%s)", colons(b, 16), protocol(b.u16(36)), origin, colons(b, 0), prefixAndGateway);
    }

    private static String protocol(int number) {
        return switch (number) {
            case 6 -> "TCP";
            case 17 -> "UDP";
            default -> format("0x%X", number);
        };
    }

    private static String dotted(Bytes b, int at) {
        return b.u8(at) + "." + b.u8(at + 1) + "." + b.u8(at + 2) + "." + b.u8(at + 3);
    }

    private static String colons(Bytes b, int at) {
        StringJoiner groups = new StringJoiner(":");
        for (int i = 0; i < 16; i += 2) {
            groups.add(format("%02X%02X", b.u8(at + i), b.u8(at + i + 1)));
        }
        return groups.toString();
    }

    private static String dns(Bytes b) {
        boolean six = b.u8(0) != 0;
        StringJoiner servers = new StringJoiner(",", "Dns(", ")");
        for (int at = 1; at + 16 <= b.length(); at += 16) {
            servers.add(six ? colons(b, at) : dotted(b, at));
        }
        return servers.toString();
    }

    private static String usbClass(Bytes b) {
        String known = USB_CLASSES.get(b.u8(4));
        String head = format("%s(0x%X,0x%X", known == null ? "UsbClass" : known, b.u16(0), b.u16(2));
        return head + (known == null ? format(",0x%X", b.u8(4)) : "") + format(",0x%X,0x%X)", b.u8(5), b.u8(6));
    }

    private static String uart(Bytes b) {
        String baud = b.u64(4) == 0 ? "DEFAULT" : Long.toUnsignedString(b.u64(4));
        String bits = b.u8(12) == 0 ? "DEFAULT" : Integer.toString(b.u8(12));
        String parity = b.u8(13) < 6 ? "DNEOMS".substring(b.u8(13), b.u8(13) + 1) : "x";
        String stop = switch (b.u8(14)) {
            case 0 -> "D";
            case 1 -> "1";
            case 2 -> "1.5";
            case 3 -> "2";
            default -> "x";
        };
        return "Uart(" + baud + "," + bits + "," + parity + "," + stop + ")";
    }

    private static String nvme(Bytes b) {
        StringJoiner eui = new StringJoiner("-");
        for (int at = 11; at >= 4; at--) {
            eui.add(format("%02X", b.u8(at)));
        }
        return format("NVMe(0x%X,%s)", b.u32(0), eui);
    }

    private static String hardDrive(Bytes b) {
        String signature = switch (b.u8(37)) {
            case 1 -> format("MBR,0x%08X", b.u32(20));
            case 2 -> "GPT," + guid(b, 20);
            default -> b.u8(37) + ",0";
        };
        return format("HD(%d,%s,0x%X,0x%X)", b.u32(0), signature, b.u64(4), b.u64(12));
    }

    static String filePath(Bytes b) {
        StringBuilder path = new StringBuilder();
        for (int at = 0; at + 2 <= b.length() && b.u16(at) != 0; at += 2) {
            path.append((char) b.u16(at));
        }
        return path.toString();
    }

    private static String bbs(Bytes b) {
        int device = b.u16(0);
        String kind = device > 0 && device < BBS_DEVICES.length ? BBS_DEVICES[device] : format("0x%X", device);
        return format("BBS(%s,%s,0x%X)", kind, ascii(b, 4), b.u16(2));
    }

    private static String ascii(Bytes b, int from) {
        String text = new String(b.slice(from, b.length()).toArray(), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static String guid(Bytes b, int at) {
        return b.guid(at).toString().toUpperCase(Locale.ROOT);
    }

    private static String upper(Bytes b) {
        return b.hex().toUpperCase(Locale.ROOT);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
