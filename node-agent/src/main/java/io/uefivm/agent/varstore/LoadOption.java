package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;

/**
 * EFI_LOAD_OPTION (UEFI specification 3.1.3), the contents of a {@code Boot####} variable.
 *
 * @param attributes 1 active, 2 force reconnect, 8 hidden, 0x1f00 category
 * @param description what a boot menu shows
 * @param path the first device path of the list, which is the one that is booted
 * @param filePathList all device paths of the list as they stand in the variable
 * @param optionalData what the loader is given
 */
public record LoadOption(int attributes, String description, DevicePath path, Bytes filePathList, Bytes optionalData) {
    private static final int ACTIVE = 1;
    private static final int HIDDEN = 8;

    /**
     * Reads the data of a {@code Boot####} variable.
     *
     * @throws VarstoreException as {@link Problem#LOAD_OPTION} or {@link Problem#DEVICE_PATH} with an offset in the data
     */
    public static LoadOption parse(Bytes data) {
        ByteReader reader = new ByteReader(data, 0, Problem.LOAD_OPTION);
        int attributes = (int) reader.u32("The boot entry's attributes");
        int pathLength = reader.u16("The boot entry's path length");
        String description = reader.text("The boot entry's description");
        int pathOffset = reader.offset();
        Bytes paths = reader.take(pathLength, "The boot entry's device path");
        Bytes optional = reader.take(reader.remaining(), "The boot entry's optional data");
        return new LoadOption(attributes, description, DevicePath.parse(paths, pathOffset), paths, optional);
    }

    /** The data of a variable that says this. */
    public Bytes encode() {
        return new ByteWriter()
                .u32(attributes)
                .u16(filePathList.length())
                .text(description)
                .bytes(filePathList)
                .bytes(optionalData)
                .toBytes();
    }

    /** Whether the firmware tries it when its turn in BootOrder comes. */
    public boolean active() {
        return (attributes & ACTIVE) != 0;
    }

    /** Whether boot menus leave it out. */
    public boolean hidden() {
        return (attributes & HIDDEN) != 0;
    }
}
