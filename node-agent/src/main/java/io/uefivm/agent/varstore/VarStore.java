package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * An EDK2 variable store, immutable: a change makes another store.
 *
 * <p>A store that nobody changed is written byte for byte as it was read, with deleted records, journal and all. A changed
 * one is written compacted, with a journal at rest; every variable that was not named by the change keeps each byte of its
 * record. The layout is that of {@link StoreSize}; sources are named where each part is read.
 *
 * <p>The variables are those that the firmware finds at its next start. What a guest keeps only until its reset, such as
 * {@code SecureBoot} or {@code BootCurrent}, is not in any store.
 */
public final class VarStore {
    private final StoreSize size;
    private final Bytes asRead;
    private final Bytes base;
    private final PendingWrite pendingWrite;
    private final Map<VariableKey, StoredRecord> live;
    private final List<StoredRecord> records;
    private final boolean changed;

    private VarStore(
            StoreSize size,
            Bytes asRead,
            Bytes base,
            PendingWrite pendingWrite,
            Map<VariableKey, StoredRecord> live,
            List<StoredRecord> records,
            boolean changed) {
        this.size = size;
        this.asRead = asRead;
        this.base = base;
        this.pendingWrite = pendingWrite;
        this.live = live;
        this.records = records;
        this.changed = changed;
    }

    /**
     * Reads the bytes of a whole file.
     *
     * <p>A pending write of the firmware is replayed if the spare block holds all of it, else refused as {@link
     * Problem#PENDING_WRITE}.
     *
     * @throws VarstoreException if the firmware would not accept them, and never another exception
     */
    public static VarStore parse(byte[] file) {
        return parse(file, false);
    }

    /**
     * As {@link #parse}, but a pending write that did not get as far as the spare block is given up.
     *
     * <p>So does the firmware at its next start: until the spare block is complete it has not touched the store. A QEMU
     * that was killed while its guest collected garbage leaves such a file, and nothing in it is lost.
     */
    public static VarStore parseAbandoningPendingWrite(byte[] file) {
        return parse(file, true);
    }

    private static VarStore parse(byte[] file, boolean abandonPendingWrite) {
        // Before the copy is made, so that a huge file costs nothing more.
        StoreSize.ofFileLength(file.length);
        return read(Bytes.copyOf(file), abandonPendingWrite);
    }

    static VarStore read(Bytes file) {
        return read(file, false);
    }

    private static VarStore read(Bytes file, boolean abandonPendingWrite) {
        StoreSize size = StoreSize.ofFileLength(file.length());
        FaultTolerantWrite journal = FaultTolerantWrite.read(file, size);
        if (journal.state() == FaultTolerantWrite.State.SPARE_INCOMPLETE && !abandonPendingWrite) {
            throw new VarstoreException(
                    Problem.PENDING_WRITE,
                    journal.offset(),
                    "The firmware was stopped before the spare block held the whole new store; "
                            + "the store from before that can be had by giving up the pending write");
        }
        PendingWrite pendingWrite = switch (journal.state()) {
            case IDLE -> PendingWrite.NONE;
            case SPARE_COMPLETE -> PendingWrite.REPLAYED;
            case SPARE_INCOMPLETE -> PendingWrite.ABANDONED;
        };
        Bytes base = pendingWrite == PendingWrite.REPLAYED ? journal.replayed() : file;
        VolumeFormat.check(base, size);
        List<StoredRecord> records = StoreFormat.records(base, size);
        return new VarStore(size, file, base, pendingWrite, StoreFormat.live(records), records, false);
    }

    /** Its layout. */
    public StoreSize size() {
        return size;
    }

    /** What became of a write that the firmware may not have finished. */
    public PendingWrite pendingWrite() {
        return pendingWrite;
    }

    /** The variables that the firmware uses, in the order of the store. */
    public List<Variable> variables() {
        return live.values().stream()
                .flatMap(record -> record.variable().stream())
                .toList();
    }

    /** The variable of this name, if there is one. */
    public Optional<Variable> find(VariableKey key) {
        return Optional.ofNullable(live.get(key)).flatMap(StoredRecord::variable);
    }

    /** The variable of this name, if there is one. */
    public Optional<Variable> find(String name, UUID vendor) {
        return find(new VariableKey(name, vendor));
    }

    /** How full it is. */
    public StoreUsage usage() {
        int used = live.values().stream().mapToInt(StoredRecord::footprint).sum();
        int written = records.stream().mapToInt(StoredRecord::footprint).sum();
        return new StoreUsage(size.capacity(), used, written - used, Math.max(0, size.capacity() - written));
    }

    /**
     * A store in which this variable has exactly these contents and attributes, whether it was there or not.
     *
     * @throws VarstoreException if it breaks a rule of the firmware or does not fit
     */
    public VarStore set(Variable variable) {
        checkRules(variable);
        Map<VariableKey, StoredRecord> changedRecords = new LinkedHashMap<>(live);
        changedRecords.put(variable.key(), StoredRecord.write(variable));
        return changed(changedRecords);
    }

    /** A store without this variable; this very store if there is none. */
    public VarStore delete(VariableKey key) {
        if (!live.containsKey(key)) {
            return this;
        }
        Map<VariableKey, StoredRecord> changedRecords = new LinkedHashMap<>(live);
        changedRecords.remove(key);
        return changed(changedRecords);
    }

    /** A store with the same variables and nothing else: no deleted or unfinished records, and a journal at rest. */
    public VarStore compact() {
        return changed(live);
    }

    /** The bytes of the whole file. */
    public byte[] toBytes() {
        return changed ? StoreFormat.layOut(base, size, live.values()).toArray() : asRead.toArray();
    }

    /** The live records, in the order of the store. */
    Map<VariableKey, StoredRecord> liveRecords() {
        return Collections.unmodifiableMap(live);
    }

    /** A store of another layout, with these records and the event log of this one. */
    VarStore inLayout(StoreSize other, Map<VariableKey, StoredRecord> keep) {
        byte[] image = StoreFormat.empty(other).toArray();
        base.slice(size.storeEnd(), size.workingBlock()).copyTo(image, other.storeEnd());
        return read(Bytes.wrap(image)).changed(new LinkedHashMap<>(keep));
    }

    private VarStore changed(Map<VariableKey, StoredRecord> to) {
        int needed = to.values().stream().mapToInt(StoredRecord::footprint).sum();
        if (needed > size.capacity()) {
            throw new VarstoreException(
                    Problem.NO_SPACE,
                    VarstoreException.NO_OFFSET,
                    "The variables need " + needed + " bytes, but a store of this layout has " + size.capacity()
                            + "; delete some, or use the 4M layout");
        }
        return new VarStore(
                size, asRead, base, PendingWrite.NONE, Collections.unmodifiableMap(to), List.copyOf(to.values()), true);
    }

    private void checkRules(Variable variable) {
        int required = Attributes.NON_VOLATILE | Attributes.BOOT_SERVICE;
        require(
                (variable.attributes() & required) == required,
                variable,
                "needs the attributes NV and BS to be kept, it has " + Attributes.describe(variable.attributes()));
        require(
                !variable.name().isEmpty() && variable.name().indexOf('\0') < 0,
                variable,
                "needs a name without a NUL character");
        require(variable.data().length() > 0, variable, "has no data, which to the firmware means: delete it");
        int length = StoredRecord.write(variable).raw().length();
        int limit = size.maxVariable(Attributes.authenticated(variable.attributes()));
        require(
                length <= limit,
                variable,
                "takes " + length + " bytes with header and name, but the firmware allows " + limit);
    }

    private static void require(boolean holds, Variable variable, String otherwise) {
        if (!holds) {
            throw new VarstoreException(
                    Problem.INVALID_VARIABLE,
                    VarstoreException.NO_OFFSET,
                    "Variable " + variable.key() + " " + otherwise);
        }
    }
}
