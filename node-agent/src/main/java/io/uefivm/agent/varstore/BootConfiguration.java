package io.uefivm.agent.varstore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the store says about booting.
 *
 * <p>A guest may write nonsense into these variables, and that must not hide the rest: what cannot be read is named in
 * {@code problems}.
 *
 * @param order the numbers of BootOrder, whether or not there is an entry for each
 * @param next BootNext: the entry of the next start only
 * @param current BootCurrent, which firmware keeps volatile: only stores that other tools made have it
 * @param entries the {@code Boot####} variables, those of {@code order} first, the others by number
 * @param problems one sentence for each variable that cannot be read
 */
public record BootConfiguration(
        List<Integer> order, OptionalInt next, OptionalInt current, List<BootEntry> entries, List<String> problems) {
    private static final Pattern ENTRY = Pattern.compile("Boot([0-9A-F]{4})");
    private static final VariableKey ORDER = VariableKey.global("BootOrder");
    private static final VariableKey NEXT = VariableKey.global("BootNext");
    private static final VariableKey INDICATIONS = VariableKey.global("OsIndications");
    /** EFI_OS_INDICATIONS_BOOT_TO_FW_UI (UEFI specification 8.5.4). */
    private static final long BOOT_TO_SETUP = 1;

    private static final VariableKey CURRENT = VariableKey.global("BootCurrent");

    /**
     * One entry.
     *
     * @param number the four digits of its variable's name
     */
    public record BootEntry(int number, LoadOption option) {
        /** The name of its variable, such as {@code Boot0001}. */
        public String name() {
            return nameOf(number);
        }
    }

    /** Reads all of it. */
    public static BootConfiguration of(VarStore store) {
        List<String> problems = new ArrayList<>();
        List<Integer> order = order(store, problems);
        List<BootEntry> entries = new ArrayList<>();
        for (Variable variable : store.variables()) {
            Matcher name = ENTRY.matcher(variable.name());
            if (variable.vendor().equals(Vendors.GLOBAL) && name.matches()) {
                try {
                    entries.add(new BootEntry(Integer.parseInt(name.group(1), 16), LoadOption.parse(variable.data())));
                } catch (VarstoreException e) {
                    problems.add(variable.name() + ": " + e.getMessage());
                }
            }
        }
        entries.sort(Comparator.<BootEntry>comparingInt(entry -> rank(order, entry.number()))
                .thenComparingInt(BootEntry::number));
        return new BootConfiguration(
                order,
                number(store, NEXT, problems),
                number(store, CURRENT, problems),
                List.copyOf(entries),
                List.copyOf(problems));
    }

    private static int rank(List<Integer> order, int number) {
        int at = order.indexOf(number);
        return at < 0 ? Integer.MAX_VALUE : at;
    }

    private static List<Integer> order(VarStore store, List<String> problems) {
        Bytes data = store.find(ORDER).map(Variable::data).orElse(Bytes.EMPTY);
        if (data.length() % 2 != 0) {
            problems.add("BootOrder: " + data.length() + " bytes are no list of 16-bit numbers");
        }
        List<Integer> order = new ArrayList<>();
        for (int at = 0; at + 2 <= data.length(); at += 2) {
            order.add(data.u16(at));
        }
        return List.copyOf(order);
    }

    private static OptionalInt number(VarStore store, VariableKey key, List<String> problems) {
        Bytes data = store.find(key).map(Variable::data).orElse(Bytes.EMPTY);
        if (data.length() == 2) {
            return OptionalInt.of(data.u16(0));
        }
        if (data.length() > 0) {
            problems.add(key.name() + ": " + data.length() + " bytes are no 16-bit number");
        }
        return OptionalInt.empty();
    }

    /** A store whose BootOrder is this, each a number from 0 to 0xffff. */
    public static VarStore setOrder(VarStore store, List<Integer> order) {
        if (order.isEmpty()) {
            return store.delete(ORDER);
        }
        ByteWriter data = new ByteWriter();
        order.forEach(data::u16);
        return store.set(Variable.of(ORDER, Attributes.BOOT_VARIABLE, data.toBytes()));
    }

    /** A store whose next start, and only that, tries this entry first. */
    public static VarStore setNext(VarStore store, int number) {
        return store.set(Variable.of(
                NEXT, Attributes.BOOT_VARIABLE, new ByteWriter().u16(number).toBytes()));
    }

    /** A store whose next start, and only that, shows the firmware's setup menu; other wishes of the guest stay. */
    public static VarStore bootToSetup(VarStore store) {
        long wishes = store.find(INDICATIONS)
                .map(Variable::data)
                .filter(data -> data.length() == Long.BYTES)
                .map(data -> data.u64(0))
                .orElse(0L);
        return store.set(Variable.of(
                INDICATIONS,
                Attributes.BOOT_VARIABLE,
                new ByteWriter().u64(wishes | BOOT_TO_SETUP).toBytes()));
    }

    /** A store in which this entry says this. It is booted only if BootOrder or BootNext names it. */
    public static VarStore setEntry(VarStore store, int number, LoadOption option) {
        return store.set(Variable.of(VariableKey.global(nameOf(number)), Attributes.BOOT_VARIABLE, option.encode()));
    }

    private static String nameOf(int number) {
        return String.format(Locale.ROOT, "Boot%04X", number);
    }
}
