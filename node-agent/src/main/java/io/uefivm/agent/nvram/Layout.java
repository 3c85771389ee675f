package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The directories of one VM in its claim, open: {@code uefivm/<vm-uid>/{epochs,generations,rejected}}. */
final class Layout implements Closeable {
    static final String ROOT = "uefivm";
    static final String EPOCHS = "epochs";
    private static final String GENERATIONS = "generations";
    private static final String REJECTED = "rejected";
    private static final int EPOCH_DEPTH = 1;
    /** epochs or rejected, an epoch, tpm. */
    private static final int DEPTH = 3;

    private static final Pattern EPOCH = Pattern.compile("[1-9][0-9]{0,17}");
    private static final Pattern EPOCH_TEMPORARY = Pattern.compile("\\.([1-9][0-9]{0,17})\\.tmp");

    private final List<Directory> opened = new ArrayList<>();
    final String vmUid;
    final Directory epochs;
    final Directory generations;
    final Directory rejected;

    Layout(Directory claim, String vmUid) throws PathException {
        this.vmUid = vmUid;
        boolean done = false;
        try {
            Directory vm = keep(keep(claim.openOrMake(ROOT)).openOrMake(vmUid));
            epochs = keep(vm.openOrMake(EPOCHS));
            generations = keep(vm.openOrMake(GENERATIONS));
            rejected = keep(vm.openOrMake(REJECTED));
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** Removes all that a VM has in a claim, and nothing else. No error when there is nothing. */
    static void erase(Directory claim, String vmUid) throws PathException {
        if (claim.entry(ROOT).isEmpty()) {
            return;
        }
        try (Directory all = claim.open(ROOT)) {
            all.removeTree(vmUid, DEPTH);
            all.sync();
        }
    }

    private Directory keep(Directory directory) {
        opened.add(directory);
        return directory;
    }

    @Override
    public void close() {
        opened.forEach(Directory::close);
    }

    Inventory inventory() throws PathException {
        SortedSet<GenerationName> committed = new TreeSet<>();
        generations.names().forEach(n -> GenerationName.parse(n).ifPresent(committed::add));
        SortedMap<Long, Optional<EpochRecord>> records = new TreeMap<>();
        for (String name : epochs.names()) {
            if (EPOCH.matcher(name).matches()) {
                records.put(Long.parseLong(name), record(name));
            }
        }
        List<Rejected> bad = new ArrayList<>();
        for (String name : rejected.names()) {
            Optional<Rejected> parsed = Rejected.parse(name);
            if (parsed.isPresent()) {
                bad.add(parsed.get().because(reason(parsed.get())));
            }
        }
        return new Inventory(committed, records, bad);
    }

    private Optional<EpochRecord> record(String epoch) throws PathException {
        try (Directory directory = epochs.open(epoch)) {
            EpochRecord record = EpochFiles.record(directory);
            return Long.toString(record.epoch()).equals(epoch) ? Optional.of(record) : Optional.empty();
        } catch (CorruptException e) {
            return Optional.empty();
        }
    }

    private String reason(Rejected state) throws PathException {
        return rejected.entry(state.reasonFile()).isEmpty()
                ? "unknown"
                : new String(rejected.read(state.reasonFile(), GenerationFile.MAX_JSON), StandardCharsets.UTF_8).trim();
    }

    Directory epoch(long epoch) throws PathException {
        return epochs.open(Long.toString(epoch));
    }

    /** Sets an epoch's files aside as they are. */
    Rejected reject(Rejected state, Directory from, String name) throws PathException {
        rejected.replace(state.reasonFile(), (state.reason() + "\n").getBytes(StandardCharsets.UTF_8));
        from.move(name, rejected, state.name());
        // The new place first: a power loss in between must not leave it in neither.
        rejected.sync();
        from.sync();
        return state;
    }

    /** Removes an epoch in one step: half of it would look like a crashed one. */
    void removeEpoch(long epoch) throws PathException {
        String temporary = EpochFiles.temporary(epoch);
        epochs.rename(Long.toString(epoch), temporary);
        epochs.sync();
        epochs.removeTree(temporary, EPOCH_DEPTH);
    }

    /** Removes what an interrupted prepare or commit of this or an earlier epoch left unfinished. */
    void removeTemporaries(long upTo) throws PathException {
        for (String name : epochs.names()) {
            Matcher m = EPOCH_TEMPORARY.matcher(name);
            if (m.matches() && Long.parseLong(m.group(1)) <= upTo) {
                epochs.removeTree(name, EPOCH_DEPTH);
            }
        }
        for (String name : generations.names()) {
            if (name.startsWith(".") && name.endsWith(".tmp")) {
                Optional<GenerationName> target = GenerationName.parse(name.substring(1, name.length() - 4));
                if (target.isPresent() && target.get().epoch() <= upTo) {
                    generations.unlink(name);
                }
            }
        }
    }
}
