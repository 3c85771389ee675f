package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The committed generations of a VM and what was rejected. */
final class History {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final int REJECTED_DEPTH = 2;

    private final Layout layout;

    History(Layout layout) {
        this.layout = layout;
    }

    GenerationFile read(GenerationName name) throws PathException, CorruptException {
        long size = size(name);
        if (size > GenerationFile.MAX_FILE) {
            throw new CorruptException("it has " + size + " bytes, more than anything real");
        }
        return GenerationFile.decode(layout.generations.read(name.file(), GenerationFile.MAX_FILE), name);
    }

    /** Reads the newest generation if it is whole. */
    Optional<GenerationFile> newest(Inventory found) throws PathException {
        if (found.generations().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(found.generations().last()));
        } catch (CorruptException e) {
            return Optional.empty();
        }
    }

    /** Those that can be read, newest first. */
    List<Kept> generations(Inventory found) throws PathException {
        List<Kept> newestFirst = new ArrayList<>();
        for (GenerationName name : newestFirst(found)) {
            try {
                newestFirst.add(new Kept(read(name).generation(), size(name)));
            } catch (CorruptException e) {
                // A start sets it aside and says why.
                continue;
            }
        }
        return newestFirst;
    }

    private long size(GenerationName name) throws PathException {
        return layout.generations.entry(name.file()).map(Directory.Entry::size).orElse(0L);
    }

    private static List<GenerationName> newestFirst(Inventory found) {
        List<GenerationName> names = new ArrayList<>(found.generations());
        Collections.reverse(names);
        return names;
    }

    void write(GenerationFile file) throws PathException {
        layout.generations.replace(file.generation().name().file(), file.encode());
    }

    /**
     * The newest generation that can be started from; whatever is newer and bad is set aside.
     *
     * @return empty when there is none
     */
    Optional<GenerationFile> newestGood(Inventory found, StoreCheck check) throws PathException {
        for (GenerationName name : newestFirst(found)) {
            try {
                GenerationFile file = read(name);
                return Optional.of(new GenerationFile(
                        file.generation(), Checked.of(file.content(), check).content()));
            } catch (CorruptException e) {
                layout.reject(Rejected.ofGeneration(name, e.defect()), layout.generations, name.file());
            }
        }
        return Optional.empty();
    }

    /**
     * Keeps the newest generation, that many before it, and as many of the newest rejected states.
     *
     * @param limit at least 1
     * @return names of what went
     */
    List<String> prune(Inventory found, int limit) throws PathException {
        List<String> dropped = new ArrayList<>();
        List<GenerationName> oldestFirst = new ArrayList<>(found.generations());
        for (GenerationName name : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - 1 - limit))) {
            layout.generations.unlink(name.file());
            dropped.add("generations/" + name.file());
        }
        List<Rejected> rejected = new ArrayList<>(found.rejected());
        rejected.sort(Rejected.OLDEST_FIRST);
        for (Rejected state : rejected.subList(0, Math.max(0, rejected.size() - limit))) {
            layout.rejected.removeTree(state.name(), REJECTED_DEPTH);
            layout.rejected.removeTree(state.reasonFile(), REJECTED_DEPTH);
            dropped.add("rejected/" + state.name());
        }
        if (!dropped.isEmpty()) {
            // State of a guest is gone for good: that is written down somewhere.
            LOG.info(
                    "dropped the oldest state beyond spec.nvram.historyLimit uid={} dropped={}", layout.vmUid, dropped);
        }
        return dropped;
    }
}
