package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A UEFI device path (UEFI specification, chapter 10): how the firmware finds a disk, a file, a console.
 *
 * @param instances one list of nodes for each alternative; variables such as {@code ConIn} name several
 */
public record DevicePath(List<List<Node>> instances) {
    private static final int END = 0x7f;
    private static final int END_ENTIRE = 0xff;
    private static final int END_INSTANCE = 0x01;

    /**
     * One step of the path.
     *
     * @param type 1 hardware, 2 ACPI, 3 messaging, 4 media, 5 BIOS boot
     * @param body what follows the header of four bytes
     */
    public record Node(int type, int subtype, Bytes body) {
        /** The node's text form (UEFI specification 10.6). */
        public String text() {
            return DevicePathText.of(this);
        }

        /** The node as {@code efibootmgr -v} prints it. */
        public String efibootmgr() {
            return EfibootmgrText.of(this);
        }
    }

    /** Copies the lists. */
    public DevicePath {
        instances = instances.stream().map(List::copyOf).toList();
    }

    /**
     * Reads the path that these bytes start with; more can follow it.
     *
     * @throws VarstoreException as {@link Problem#DEVICE_PATH} with an offset in these bytes
     */
    public static DevicePath parse(Bytes bytes) {
        return parse(bytes, 0);
    }

    static DevicePath parse(Bytes bytes, int origin) {
        ByteReader reader = new ByteReader(bytes, origin, Problem.DEVICE_PATH);
        List<List<Node>> instances = new ArrayList<>();
        List<Node> instance = new ArrayList<>();
        while (true) {
            int type = reader.u8("A device path node's type");
            int subtype = reader.u8("A device path node's subtype");
            int length = reader.u16("A device path node's length");
            if (length < 4) {
                throw reader.error("A device path node is shorter than its own header");
            }
            Bytes body = reader.take(length - 4, "A device path node");
            if (type != END) {
                instance.add(new Node(type, subtype, body));
                continue;
            }
            instances.add(instance);
            if (subtype == END_ENTIRE) {
                return new DevicePath(instances);
            }
            if (subtype != END_INSTANCE) {
                throw reader.error("A device path ends in the unknown way 0x" + Integer.toHexString(subtype));
            }
            instance = new ArrayList<>();
        }
    }

    /** The text form that UEFI shells and setup screens show, such as {@code HD(1,GPT,...)/\EFI\BOOT\BOOTX64.EFI}. */
    public String text() {
        return joined(Node::text);
    }

    /** The text form of {@code efibootmgr -v}, such as {@code HD(1,GPT,...)/File(\EFI\BOOT\BOOTX64.EFI)}. */
    public String efibootmgr() {
        return joined(Node::efibootmgr);
    }

    private String joined(Function<Node, String> form) {
        return instances.stream()
                .map(nodes -> nodes.stream().map(form).collect(Collectors.joining("/")))
                .collect(Collectors.joining(","));
    }

    @Override
    public String toString() {
        return text();
    }
}
