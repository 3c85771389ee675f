package io.uefivm.agent.varstore;

/** The attribute bits of a variable (UEFI specification 8.2.1). */
public final class Attributes {
    /** Kept in the store. */
    public static final int NON_VOLATILE = 0x01;
    /** Seen before the operating system takes over. */
    public static final int BOOT_SERVICE = 0x02;
    /** Seen by the operating system. */
    public static final int RUNTIME = 0x04;
    /** Only an update signed with a newer time may change it. */
    public static final int TIME_AUTHENTICATED = 0x20;

    /** What Boot####, BootOrder and their like carry. */
    public static final int BOOT_VARIABLE = NON_VOLATILE | BOOT_SERVICE | RUNTIME;
    /** What PK, KEK, db and dbx carry. */
    public static final int KEY_VARIABLE = BOOT_VARIABLE | TIME_AUTHENTICATED;

    /** Authenticated by time, or by the counter of older specifications. */
    private static final int AUTHENTICATED = TIME_AUTHENTICATED | 0x10;

    private static final String[] NAMES = {"NV", "BS", "RT", "HR", "AW", "TA", "AP", "EA"};

    private Attributes() {}

    static boolean authenticated(int attributes) {
        return (attributes & AUTHENTICATED) != 0;
    }

    /** The bits as short names, such as {@code NV,BS,RT}; bits without a name in hexadecimal. */
    public static String describe(int attributes) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < NAMES.length; bit++) {
            if ((attributes & 1 << bit) != 0) {
                text.append(text.isEmpty() ? "" : ",").append(NAMES[bit]);
            }
        }
        int rest = attributes >>> NAMES.length << NAMES.length;
        return rest == 0 ? text.toString() : text + (text.isEmpty() ? "" : ",") + "0x" + Integer.toHexString(rest);
    }
}
