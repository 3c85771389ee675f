package io.uefivm.agent.varstore;

import java.util.Comparator;
import java.util.UUID;

/**
 * What names a variable: its name, which is case-sensitive, and the GUID of who defined it.
 *
 * @param name without the closing NUL
 */
public record VariableKey(String name, UUID vendor) implements Comparable<VariableKey> {
    private static final Comparator<VariableKey> ORDER = Comparator.comparing(VariableKey::name)
            .thenComparing(key -> key.vendor().toString());

    /** A variable of the UEFI specification itself, such as {@code BootOrder}. */
    public static VariableKey global(String name) {
        return new VariableKey(name, Vendors.GLOBAL);
    }

    @Override
    public int compareTo(VariableKey other) {
        return ORDER.compare(this, other);
    }

    /** The form of Linux's efivarfs: {@code name-guid}. */
    @Override
    public String toString() {
        return name + "-" + vendor;
    }
}
