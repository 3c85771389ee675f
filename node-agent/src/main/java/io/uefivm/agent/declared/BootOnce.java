package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.BootConfiguration.BootEntry;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.HardwarePath;
import io.uefivm.agent.varstore.LoadOption;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes the next start of a store boot something else than BootOrder says, that start alone. */
public final class BootOnce {
    private static final int ACTIVE = 1;
    private static final int MOST_ENTRIES = 0x10000;

    private BootOnce() {}

    /**
     * A store with which the firmware shows its setup menu.
     *
     * @throws VarstoreException when it does not fit
     */
    public static VarStore setup(VarStore store) {
        return BootConfiguration.bootToSetup(store);
    }

    /**
     * A store with which the firmware boots a device. An entry that leads to it is used as it is; else one is made, which
     * BootOrder does not name.
     *
     * @param name what a boot menu shows of an entry that is made
     * @param target where the device is
     * @return empty when no entry leads to the device and none can be made, because only the firmware knows the rest of
     *     the path
     * @throws VarstoreException when it does not fit
     */
    public static Optional<VarStore> device(VarStore store, String name, HardwarePath target) {
        List<BootEntry> entries = BootConfiguration.of(store).entries();
        Optional<BootEntry> known = entries.stream()
                .filter(entry -> target.leadsTo(entry.option().path()))
                .findFirst();
        if (known.isPresent()) {
            return Optional.of(BootConfiguration.setNext(store, known.get().number()));
        }
        if (!target.isComplete()) {
            return Optional.empty();
        }
        Set<Integer> taken = entries.stream().map(BootEntry::number).collect(Collectors.toSet());
        int number = IntStream.range(0, MOST_ENTRIES)
                .filter(candidate -> !taken.contains(candidate))
                .findFirst()
                .orElseThrow();
        LoadOption made = new LoadOption(ACTIVE, name, target.path(), target.toBytes(), Bytes.EMPTY);
        return Optional.of(BootConfiguration.setNext(BootConfiguration.setEntry(store, number, made), number));
    }
}
