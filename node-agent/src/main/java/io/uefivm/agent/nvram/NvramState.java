package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

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
     * @param historyLimit generations to keep, at least 1: a VM that only ever crashes must not fill its claim
     * @throws NvramException of the edit; {@code NvramUnreadable} when there is state and none of it is good, {@code NvramWrongSize}
     *     when the newest good state belongs to firmware of another size, {@code ClaimTooSmall}, {@code ClaimUnsafe}
     */
    public Preparation prepare(long epoch, Initial initial, StoreEdit edit, int historyLimit) throws NvramException {
        return within(layout -> {
            BaseChoice choice = BaseChoice.of(layout.inventory(), epoch);
            return switch (choice.standing()) {
                case STALE -> new Preparation.Stale(choice.newest());
                case MAY_HAVE_RUN -> new Preparation.MayHaveRun(EpochPaths.of(vmUid, epoch));
                case ENDED -> new Preparation.Ended();
                case FREE -> {
                    settleEarlier(layout, choice, epoch);
                    Preparation.Ready ready = begin(layout, epoch, initial, edit);
                    yield ready.dropping(new History(layout).prune(layout.inventory(), historyLimit));
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

    private Preparation.Ready begin(Layout layout, long epoch, Initial initial, StoreEdit edit)
            throws PathException, NvramException {
        GenerationFile base = base(layout, initial);
        Generation generation = base.generation();
        StoreEdit.Edited edited = edit.apply(base.content().vars());
        Content content = base.content().withVars(edited.vars());
        EpochFiles.create(
                layout.epochs,
                new EpochRecord(
                        epoch,
                        EpochRecord.State.Prepared,
                        initial.codeDigest(),
                        content.vars().length,
                        generation.number(),
                        !content.tpm().isEmpty(),
                        edited.bootNext(),
                        null),
                content);
        List<Rejected> newer = newerThan(generation, layout.inventory());
        return new Preparation.Ready(
                EpochPaths.of(vmUid, epoch),
                generation,
                edited,
                newer,
                List.of(),
                !newer.isEmpty() || generation.basis() == Generation.Basis.Crashed);
    }

    private GenerationFile base(Layout layout, Initial initial) throws PathException, NvramException {
        History history = new History(layout);
        Optional<GenerationFile> good = history.newestGood(layout.inventory(), check);
        Inventory found = layout.inventory();
        if (good.isEmpty() && found.holdsState()) {
            throw allBad(found);
        }
        if (good.isEmpty() || isOutdated(good.get(), found, initial)) {
            GenerationFile created = created(found.nextNumber(), initial);
            history.write(created);
            return created;
        }
        int size = good.get().content().vars().length;
        if (size != initial.vars().length) {
            throw wrongSize(good.get().generation(), initial);
        }
        return good.get();
    }

    /** No guest has changed the store that this VM would start from, and by now it would be made differently. */
    private static boolean isOutdated(GenerationFile base, Inventory found, Initial initial) {
        return base.generation().basis() == Generation.Basis.Created
                && newerThan(base.generation(), found).isEmpty()
                && !Arrays.equals(base.content().vars(), initial.vars());
    }

    private GenerationFile created(long number, Initial initial) {
        Content content = new Content(initial.vars(), Map.of());
        return new GenerationFile(
                new Generation(
                        number,
                        0,
                        content.varsSha256(),
                        content.vars().length,
                        initial.codeDigest(),
                        Settlement.now(clock),
                        Generation.Basis.Created,
                        null,
                        null,
                        null),
                content);
    }

    private static List<Rejected> newerThan(Generation generation, Inventory found) {
        return found.rejected().stream()
                .filter(r -> r.isNewerThan(generation.name()))
                .toList();
    }

    private NvramException allBad(Inventory found) {
        return new NvramException(
                Reason.NvramUnreadable,
                "No state of this VM's NVRAM can be used, and a new one would lose what is there: "
                        + found.rejected().stream()
                                .map(r -> r.name() + " (" + r.reason() + ")")
                                .collect(Collectors.joining(", "))
                        + ". All of it is kept in uefivm/" + vmUid + "/rejected of the claim; restore the claim from a"
                        + " backup, or move that directory away to start with a new NVRAM.");
    }

    private static NvramException wrongSize(Generation generation, Initial initial) {
        return new NvramException(
                Reason.NvramWrongSize,
                "Generation " + generation.number() + " of this VM's NVRAM has " + generation.size()
                        + " bytes, the chosen firmware needs " + initial.vars().length
                        + ": set spec.firmware.image.codeDigest to the firmware that it was made with, "
                        + generation.codeDigest() + ".");
    }

    /**
     * Records that a domain of this epoch may run from now on. To be called right before the domain is created: after
     * this the epoch is never prepared again.
     *
     * @throws IllegalStateException when the epoch is not prepared
     */
    public void markStarting(long epoch) throws NvramException {
        within(layout -> {
            EpochRecord record = layout.inventory()
                    .record(epoch)
                    .filter(r -> r.state() != EpochRecord.State.Ended)
                    .orElseThrow(() -> new IllegalStateException("epoch " + epoch + " is not prepared"));
            try (Directory directory = layout.epoch(epoch)) {
                EpochFiles.record(directory, record.started());
            }
            return record;
        });
    }

    /**
     * Makes the state of an epoch whose domain is gone a generation. When it equals the newest generation no new one is
     * made. Calling it again gives the same.
     *
     * @param historyLimit generations to keep, at least 1
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
            return outcome instanceof Commit.Done done
                    ? done.dropping(new History(layout).prune(layout.inventory(), historyLimit))
                    : outcome;
        });
    }

    /** What the first start of an epoch was told to boot once, as {@link StoreEdit} said; also after the agent was killed. */
    public Optional<String> bootNext(long epoch) throws NvramException {
        return within(layout -> layout.inventory().record(epoch).map(EpochRecord::bootNext));
    }

    /** Committed generations that can be read, newest first. */
    public List<Generation> history() throws NvramException {
        return within(layout -> new History(layout).generations(layout.inventory()));
    }

    @FunctionalInterface
    private interface Step<T> {
        T on(Layout layout) throws PathException, NvramException;
    }

    private <T> T within(Step<T> step) throws NvramException {
        try (Layout layout = new Layout(claim, vmUid)) {
            return step.on(layout);
        } catch (PathException e) {
            throw NvramException.of(e, usableBytes());
        }
    }

    private long usableBytes() {
        try {
            return claim.usableBytes();
        } catch (PathException e) {
            return 0;
        }
    }
}
