package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * NVRAM and TPM state of one VM in its claim. Any call can be cut off at any system call, by a kill or by a power loss,
 * and be made again: the newest good state is found. Keeps nothing in memory.
 *
 * <p>Not for concurrent use by one agent. Agents of different epochs may use one claim at the same time: they never
 * write the same files, and the order of epochs decides whose state counts.
 */
public final class NvramState {
    private final Directory claim;
    private final String vmUid;
    private final StoreCheck check;
    private final Clock clock;

    /**
     * @param claim root of the claim's file system; stays open as long as this is used
     * @param vmUid UID of the VM, the name of its directory
     */
    public NvramState(Directory claim, String vmUid, StoreCheck check, Clock clock) {
        this.claim = claim;
        this.vmUid = vmUid;
        this.check = check;
        this.clock = clock;
    }

    /**
     * Gives an epoch its own files, copied from the newest good state. State of earlier epochs that nobody committed is
     * committed first, or set aside when it is bad. Calling it again before {@link #markStarting} gives the same.
     *
     * @param edit what is changed in the store on its way from the generation into the epoch's own file
     * @throws NvramException of the edit; {@code NvramUnreadable} when there is state and none of it is good, or the
     *     newest is not and the terms want a person to decide; {@code NvramWrongSize}
     *     when the newest good state belongs to firmware of another size, {@code ClaimTooSmall}, {@code ClaimUnsafe}
     */
    public Preparation prepare(long epoch, Initial initial, StoreEdit edit, Terms terms) throws NvramException {
        return within(layout -> {
            BaseChoice choice = BaseChoice.of(layout.inventory(), epoch);
            return switch (choice.standing()) {
                case STALE -> new Preparation.Stale(choice.newest());
                case MAY_HAVE_RUN -> new Preparation.MayHaveRun(EpochPaths.of(vmUid, epoch));
                case ENDED -> new Preparation.Ended();
                case FREE -> {
                    settleEarlier(layout, choice, epoch);
                    Preparation.Ready ready = begin(layout, epoch, initial, edit, terms);
                    History history = new History(layout);
                    List<String> dropped = history.prune(layout.inventory(), terms.historyLimit());
                    yield ready.keeping(history.generations(layout.inventory()), dropped);
                }
            };
        });
    }

    private void settleEarlier(Layout layout, BaseChoice choice, long epoch) throws PathException, NvramException {
        layout.removeTemporaries(epoch);
        for (long crashed : choice.crashed()) {
            Commit outcome = new Settlement(layout, check, clock).settle(crashed, Generation.Basis.Crashed);
            if (outcome instanceof Commit.Done) {
                layout.removeEpoch(crashed);
            }
        }
        for (long superfluous : choice.superfluous()) {
            layout.removeEpoch(superfluous);
        }
    }

    private Preparation.Ready begin(Layout layout, long epoch, Initial initial, StoreEdit edit, Terms terms)
            throws PathException, NvramException {
        Beginning.Base base = new Beginning(layout, vmUid, check, clock).find(epoch, initial, terms);
        Generation generation = base.file().generation();
        StoreEdit.Edited edited = edit.apply(base.file().content().vars());
        Content content = base.file().content().withVars(edited.vars());
        EpochFiles.create(
                layout.epochs,
                new EpochRecord(
                        epoch,
                        EpochRecord.State.Prepared,
                        initial.codeDigest(),
                        content.vars().length,
                        initial.code().length,
                        generation.number(),
                        !content.tpm().isEmpty(),
                        edited.bootNext(),
                        null),
                content,
                initial.code());
        return new Preparation.Ready(
                EpochPaths.of(vmUid, epoch),
                generation,
                edited,
                base.rejected(),
                List.of(),
                List.of(),
                base.answer(),
                base.isRecovered());
    }

    /**
     * Records that a domain of this epoch may run from now on. To be called right before the domain is created: after
     * this the epoch is never prepared again.
     *
     * @throws IllegalStateException when the epoch is not prepared
     */
    public void markStarting(long epoch) throws NvramException {
        within(layout -> record(layout, epoch, "prepared", EpochRecord::started));
    }

    /**
     * Takes {@link #markStarting} back: the domain was refused and is not there, so that no guest has had the files. Else
     * the next start would take them for what a crash left. Cut off before it is durable, it never was.
     *
     * @throws IllegalStateException when the epoch is not marked
     */
    public void markRefused(long epoch) throws NvramException {
        within(layout -> record(layout, epoch, "marked", EpochRecord::prepared));
    }

    private static EpochRecord record(Layout layout, long epoch, String expected, UnaryOperator<EpochRecord> change)
            throws PathException {
        EpochRecord record = layout.inventory()
                .record(epoch)
                .filter(r -> r.state() != EpochRecord.State.Ended)
                .map(change)
                .orElseThrow(() -> new IllegalStateException("epoch " + epoch + " is not " + expected));
        try (Directory directory = layout.epoch(epoch)) {
            EpochFiles.record(directory, record);
        }
        return record;
    }

    /**
     * Makes the state of an epoch whose domain is gone a generation. When it equals the newest generation no new one is
     * made. Calling it again gives the same.
     *
     * @param historyLimit generations to keep besides the newest, at least 1
     * @throws IllegalStateException when the epoch was never prepared
     */
    public Commit commit(long epoch, int historyLimit) throws NvramException {
        return within(layout -> {
            Inventory found = layout.inventory();
            if (found.highestEpoch() > epoch) {
                return new Commit.Stale(found.highestEpoch());
            }
            if (BaseChoice.of(found, epoch).standing() == BaseChoice.Standing.FREE) {
                if (!found.epochs().containsKey(epoch)) {
                    throw new IllegalStateException("epoch " + epoch + " was never prepared");
                }
                return new Commit.NeverStarted();
            }
            Commit outcome = new Settlement(layout, check, clock).settle(epoch, Generation.Basis.Ended);
            if (outcome instanceof Commit.Done done) {
                History history = new History(layout);
                List<String> dropped = history.prune(layout.inventory(), historyLimit);
                return done.keeping(history.generations(layout.inventory()), dropped);
            }
            return outcome;
        });
    }

    /** What the first start of an epoch was told to boot once, as {@link StoreEdit} said; also after the agent was killed. */
    public Optional<String> bootNext(long epoch) throws NvramException {
        return within(layout -> layout.inventory().record(epoch).map(EpochRecord::bootNext));
    }

    /** Digest of the firmware code that an epoch was prepared for; empty when there is no record of it. */
    public Optional<String> codeDigest(long epoch) throws NvramException {
        return within(layout -> layout.inventory().record(epoch).map(EpochRecord::codeDigest));
    }

    /** Committed generations that can be read, newest first. */
    public List<Kept> history() throws NvramException {
        return within(layout -> new History(layout).generations(layout.inventory()));
    }

    /**
     * Removes all that a VM has in a claim, for a VM that is gone for good. No error when there is nothing.
     *
     * @param claim root of the claim's file system
     * @param vmUid UID of the VM
     * @throws NvramException {@code ClaimUnsafe} or {@code NvramUnreadable}; what is left is removed by another call
     */
    public static void erase(Directory claim, String vmUid) throws NvramException {
        try {
            Layout.erase(claim, vmUid);
        } catch (PathException e) {
            throw NvramException.of(e, usableBytes(claim));
        }
    }

    @FunctionalInterface
    private interface Step<T> {
        T on(Layout layout) throws PathException, NvramException;
    }

    private <T> T within(Step<T> step) throws NvramException {
        try (Layout layout = new Layout(claim, vmUid)) {
            return step.on(layout);
        } catch (PathException e) {
            throw NvramException.of(e, usableBytes(claim));
        }
    }

    private static long usableBytes(Directory claim) {
        try {
            return claim.usableBytes();
        } catch (PathException e) {
            return 0;
        }
    }
}
