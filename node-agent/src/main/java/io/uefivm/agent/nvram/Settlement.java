package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Brings the state of an epoch that may have run into a generation or sets it aside. What an interruption left half
 * done it finishes.
 */
final class Settlement {
    private final Layout layout;
    private final History history;
    private final StoreCheck check;
    private final Clock clock;

    Settlement(Layout layout, StoreCheck check, Clock clock) {
        this.layout = layout;
        this.history = new History(layout);
        this.check = check;
        this.clock = clock;
    }

    Commit settle(long epoch, Generation.Basis basis) throws PathException, NvramException {
        Optional<Commit> already = already(epoch);
        return already.isPresent() ? already.get() : commitOrReject(epoch, basis);
    }

    /** What was decided about it before. */
    private Optional<Commit> already(long epoch) throws PathException, NvramException {
        Inventory found = layout.inventory();
        Optional<GenerationName> committed =
                found.generations().stream().filter(g -> g.epoch() == epoch).max(Comparator.naturalOrder());
        boolean ended = found.record(epoch)
                .map(r -> r.state() == EpochRecord.State.Ended)
                .orElse(false);
        if (committed.isPresent() || ended) {
            GenerationName name = committed.orElse(found.generations().last());
            return Optional.of(finish(epoch, read(name), committed.isPresent()));
        }
        return found.rejected().stream()
                .filter(r -> r.number() == 0 && r.epoch() == epoch)
                .findFirst()
                .map(Commit.Bad::new);
    }

    private GenerationFile read(GenerationName name) throws PathException, NvramException {
        try {
            return history.read(name);
        } catch (CorruptException e) {
            throw new NvramException(
                    Reason.NvramUnreadable,
                    "Generation " + name.number() + " of this VM's NVRAM was committed and is damaged now: "
                            + e.defect() + ". The next start uses what was committed before; check the claim's"
                            + " storage.");
        }
    }

    private Commit commitOrReject(long epoch, Generation.Basis basis) throws PathException {
        Inventory found = layout.inventory();
        Optional<EpochRecord> record = found.record(epoch);
        try {
            Checked state;
            try (Directory directory = layout.epoch(epoch)) {
                state = Checked.of(EpochFiles.read(directory, record), check);
            }
            Optional<GenerationFile> newest = history.newest(found);
            if (newest.isPresent() && newest.get().generation().holds(state.content())) {
                return finish(epoch, newest.get(), false);
            }
            Generation generation = new Generation(
                    found.nextNumber(),
                    epoch,
                    state.content().varsSha256(),
                    state.content().vars().length,
                    record.map(EpochRecord::codeDigest).orElse("unknown"),
                    now(clock),
                    basis,
                    record.map(EpochRecord::base).orElse(null),
                    state.content().tpmSha256().orElse(null),
                    state.repair().orElse(null),
                    newest.map(file -> file.generation().asked()).orElse(List.of()));
            GenerationFile file = new GenerationFile(generation, state.content());
            history.write(file);
            return finish(epoch, file, true);
        } catch (CorruptException e) {
            return new Commit.Bad(
                    layout.reject(Rejected.ofEpoch(epoch, e.defect()), layout.epochs, Long.toString(epoch)));
        }
    }

    /** The generation is durable: the epoch's own files have served. */
    private Commit finish(long epoch, GenerationFile file, boolean changed) throws PathException {
        Optional<EpochRecord> record = layout.inventory().record(epoch);
        if (record.isPresent()) {
            try (Directory directory = layout.epoch(epoch)) {
                if (record.get().state() != EpochRecord.State.Ended) {
                    EpochFiles.record(
                            directory, record.get().ended(file.generation().number()));
                }
                EpochFiles.strip(directory);
            }
        }
        return new Commit.Done(file.generation(), file.content().vars(), changed, List.of(), List.of());
    }

    static String now(Clock clock) {
        return Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
