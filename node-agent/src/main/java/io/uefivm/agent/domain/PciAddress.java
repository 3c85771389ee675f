package io.uefivm.agent.domain;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One PCI function of the host.
 *
 * @param domain 0 to 0xffff
 * @param bus 0 to 0xff
 * @param slot 0 to 0x1f
 * @param function 0 to 7
 */
public record PciAddress(int domain, int bus, int slot, int function) implements Comparable<PciAddress> {
    private static final Pattern TEXT =
            Pattern.compile("([0-9a-f]{4}):([0-9a-f]{2}):([01][0-9a-f])\\.([0-7])", Pattern.CASE_INSENSITIVE);
    private static final Comparator<PciAddress> ORDER = Comparator.comparingInt(PciAddress::domain)
            .thenComparingInt(PciAddress::bus)
            .thenComparingInt(PciAddress::slot)
            .thenComparingInt(PciAddress::function);

    public PciAddress {
        requireInRange("domain", domain, 0xffff);
        requireInRange("bus", bus, 0xff);
        requireInRange("slot", slot, 0x1f);
        requireInRange("function", function, 7);
    }

    private static void requireInRange(String part, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("PCI " + part + " must be 0 to " + max + ", not " + value);
        }
    }

    /**
     * Reads the kernel's notation, for example {@code 0000:01:00.0}.
     *
     * @throws IllegalArgumentException when the text is not in that notation
     */
    public static PciAddress parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no PCI address; write domain:bus:slot.function, for example 0000:01:00.0");
        }
        return new PciAddress(
                Integer.parseInt(matcher.group(1), 16),
                Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3), 16),
                Integer.parseInt(matcher.group(4)));
    }

    /** Whether both are functions of one slot. */
    public boolean sharesSlotWith(PciAddress other) {
        return domain == other.domain && bus == other.bus && slot == other.slot;
    }

    /** Domain, bus and slot in the kernel's notation, for example {@code 0000:01:00}. */
    public String slotText() {
        return String.format("%04x:%02x:%02x", domain, bus, slot);
    }

    @Override
    public int compareTo(PciAddress other) {
        return ORDER.compare(this, other);
    }

    /** The kernel's notation. */
    @Override
    public String toString() {
        return String.format("%04x:%02x:%02x.%x", domain, bus, slot, function);
    }
}
