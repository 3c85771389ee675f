package io.uefivm.agent.varstore;

import java.util.Locale;
import java.util.Optional;

/**
 * The text form of device path nodes that {@code efibootmgr -v} prints on Linux, as libefivar 37 makes it: what a person finds
 * in a guest and in most reports. Nodes for which it has no good one (addresses of networks, which it garbles) and those that
 * boot options do not have get {@link DevicePathText}.
 */
final class EfibootmgrText {
    private EfibootmgrText() {}

    static String of(DevicePath.Node node) {
        try {
            return specific(node.type(), node.subtype(), node.body()).orElseGet(() -> DevicePathText.of(node));
        } catch (IndexOutOfBoundsException shorterThanItsForm) {
            return DevicePathText.of(node);
        }
    }

    private static Optional<String> specific(int type, int subtype, Bytes b) {
        return Optional.ofNullable(
                switch (type << 8 | subtype) {
                    case 0x0101 -> format("Pci(0x%x,0x%x)", b.u8(1), b.u8(0));
                    case 0x0104 -> vendor("VenHw", b);
                    case 0x0201 -> acpi(b.u32(0), b.u32(4));
                    case 0x0302 -> format("SCSI(%d,%d)", b.u16(0), b.u16(2));
                    case 0x0305 -> format("USB(%d,%d)", b.u8(0), b.u8(1));
                    case 0x030b -> format("MAC(%s,%d)", b.slice(0, 6).hex(), b.u8(32));
                    case 0x0311 -> format("Unit(%d)", b.u8(0));
                    case 0x0312 -> format("Sata(%d,%d,%d)", b.u16(0), b.u16(2), b.u16(4));
                    case 0x0317 -> nvme(b);
                    case 0x0401 -> hardDrive(b);
                    case 0x0402 -> format("CDROM(%d,0x%x,0x%x)", b.u32(0), b.u64(4), b.u64(12));
                    case 0x0403 -> vendor("VenMedia", b);
                    case 0x0404 -> "File(" + DevicePathText.filePath(b) + ")";
                    case 0x0406 -> format("FvFile(%s)", b.guid(0));
                    case 0x0407 -> format("FvVol(%s)", b.guid(0));
                    case 0x0408 -> format("Offset(0x%x,0x%x)", b.u64(4), b.u64(12));
                    default -> null;
                });
    }

    private static String acpi(long hid, long uid) {
        return DevicePathText.acpiDevice(hid)
                .filter(name -> !name.equals("ParallelPort"))
                .map(name -> format("%s(0x%x)", name, uid))
                .orElseGet(() -> format("Acpi(0x%08x,0x%x)", hid, uid));
    }

    private static String vendor(String kind, Bytes b) {
        Bytes data = b.slice(16, b.length());
        return kind + "(" + b.guid(0) + (data.length() == 0 ? ")" : "," + data.hex() + ")");
    }

    /** The bytes of the EUI in the order in which they are stored, which UEFI's own form turns round. */
    private static String nvme(Bytes b) {
        StringBuilder eui = new StringBuilder();
        for (int at = 4; at < 12; at++) {
            eui.append(at == 4 ? "" : "-").append(format("%02X", b.u8(at)));
        }
        return format("NVMe(0x%x,%s)", b.u32(0), eui);
    }

    private static String hardDrive(Bytes b) {
        String signature = switch (b.u8(37)) {
            case 1 -> format("MBR,0x%x", b.u32(20));
            case 2 -> "GPT," + b.guid(20);
            default -> b.u8(37) + "," + b.slice(20, 36).hex();
        };
        return format("HD(%d,%s,0x%x,0x%x)", b.u32(0), signature, b.u64(4), b.u64(12));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
