package io.uefivm.agent.varstore;

import java.nio.charset.StandardCharsets;

/** Builds the bytes of stores that only an interrupted or hostile writer makes. */
final class StoreFixture {
    static final int ADDED = 0x3f;
    static final int IN_TRANSITION = 0x3e;
    static final int DELETED = 0x3d;
    static final int REPLACED = 0x3c;
    static final int HEADER_ONLY = 0x7f;

    private final StoreSize size;
    private final byte[] image;
    private int at = VolumeFormat.FIRST_RECORD;

    StoreFixture(StoreSize size) {
        this.size = size;
        this.image = StoreFormat.empty(size).toArray();
    }

    static Variable variable(String name, String text) {
        return Variable.of(VariableKey.global(name), Attributes.BOOT_VARIABLE, text(text));
    }

    static Bytes text(String text) {
        return Bytes.copyOf(text.getBytes(StandardCharsets.US_ASCII));
    }

    StoreFixture record(int state, String name, String text) {
        return record(state, variable(name, text));
    }

    StoreFixture record(int state, Variable variable) {
        StoredRecord record = StoredRecord.write(variable);
        put(at, record.raw());
        image[at + 2] = (byte) state;
        at += record.footprint();
        return this;
    }

    /** Bytes where the next record would start, which stays where it is. */
    StoreFixture raw(String hex) {
        put(at, Bytes.ofHex(hex));
        return this;
    }

    StoreFixture skip(int length) {
        at += length;
        return this;
    }

    StoreFixture put(int offset, Bytes bytes) {
        bytes.copyTo(image, offset);
        return this;
    }

    int position() {
        return at;
    }

    /** A header and a record in the journal, as the firmware writes them when it moves the whole store. */
    StoreFixture journal(int headerState, int recordState) {
        Bytes entry = new ByteWriter()
                .u8(headerState)
                .repeat(0xff, 23)
                .u64(1)
                .u64(0)
                .u8(recordState)
                .repeat(0xff, 7)
                .u64(0)
                .u64(VolumeFormat.VOLUME_HEADER_LENGTH)
                .u64(size.storeEnd() - VolumeFormat.VOLUME_HEADER_LENGTH)
                .u64(-size.spareBlock())
                .toBytes();
        return put(size.workingBlock() + 32, entry);
    }

    /** Puts the store of another image into the spare block. */
    StoreFixture spare(byte[] other) {
        return put(size.spareBlock(), Bytes.copyOf(other).slice(0, size.storeEnd()));
    }

    /** Erases the store itself from {@code from} on, as when the firmware is stopped while it copies. */
    StoreFixture eraseStore(int from) {
        return put(from, new ByteWriter().repeat(0xff, size.storeEnd() - from).toBytes());
    }

    byte[] bytes() {
        return image.clone();
    }

    VarStore parse() {
        return VarStore.parse(bytes());
    }
}
