package io.uefivm.agent.domain;

import java.util.List;
import java.util.Optional;

/**
 * A device of the host as it was resolved for a domain.
 *
 * @param name what the domain's metadata calls it: a slot, or one virtual function
 * @param functions all functions of the slot, or the virtual function
 * @param virtualFunction whether it is one virtual function of a card, which is whole without function 0
 * @param bars memory of all its functions
 * @param rom file with the expansion ROM that its first function shows instead of its own
 */
public record HostDevice(
        String name, List<PciAddress> functions, boolean virtualFunction, List<Bar> bars, Optional<String> rom) {
    public HostDevice {
        functions = functions.stream().sorted().toList();
        bars = List.copyOf(bars);
        rom.ifPresent(path -> Paths.requireAbsolute("rom", path));
        requireWhole(name, functions, virtualFunction);
    }

    /** One with the ROM that it has itself. */
    public HostDevice(String name, List<PciAddress> functions, boolean virtualFunction, List<Bar> bars) {
        this(name, functions, virtualFunction, bars, Optional.empty());
    }

    /** The same with that ROM. */
    public HostDevice withRom(String path) {
        return new HostDevice(name, functions, virtualFunction, bars, Optional.of(path));
    }

    /** The number that a function has in the guest. One that is alone is function 0 there. */
    int guestFunction(PciAddress function) {
        return virtualFunction ? 0 : function.function();
    }

    /** A guest looks at the other functions of a slot only once it has found function 0 (PCI 3.0, 3.2.2.3.4). */
    private static void requireWhole(String name, List<PciAddress> functions, boolean virtualFunction) {
        if (functions.isEmpty() || (!virtualFunction && functions.get(0).function() != 0)) {
            throw new IllegalArgumentException(
                    "device " + name + " must have function 0 of its slot, but has " + functions);
        }
        PciAddress first = functions.get(0);
        if (virtualFunction && functions.size() > 1) {
            throw new IllegalArgumentException("device " + name + " must be one function, but has " + functions);
        }
        for (PciAddress function : functions) {
            if (!function.sharesSlotWith(first)) {
                throw new IllegalArgumentException(
                        "device " + name + " must be functions of one slot, but are " + functions);
            }
        }
        if (functions.stream().distinct().count() != functions.size()) {
            throw new IllegalArgumentException("device " + name + " names a function twice: " + functions);
        }
    }
}
