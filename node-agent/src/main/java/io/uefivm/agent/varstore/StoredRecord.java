package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.Optional;

/**
 * One record as it stands in a store: AUTHENTICATED_VARIABLE_HEADER, name, data.
 *
 * @param offset from the start of the file
 * @param raw header, name and data, without the padding that follows
 * @param variable what it says, if its state lets it be live
 */
record StoredRecord(int offset, RecordState state, Bytes raw, Optional<Variable> variable) {
    static final int START_ID = 0x55aa;
    static final int HEADER_LENGTH = 60;

    private static final long ERASED = 0xffffffffL;

    /** The record at {@code at}, whose first two bytes are {@link #START_ID}, in a store that ends at {@code end}. */
    static StoredRecord read(Bytes image, int at, int end) {
        require(at + HEADER_LENGTH <= end, at, "A variable's header reaches past the end of the store");
        RecordState state = RecordState.of(image.u8(at + 2))
                .orElseThrow(() -> new VarstoreException(
                        Problem.RECORD,
                        at + 2,
                        "A variable has the state 0x" + Integer.toHexString(image.u8(at + 2))
                                + ", which the firmware never writes"));
        long attributes = image.u32(at + 4);
        long nameSize = image.u32(at + 36);
        long dataSize = image.u32(at + 40);
        // The firmware skips just the header when any of these was not written any more (NameSizeOfVariable in
        // edk2 VariableParsing.c); records can follow it.
        if (state == RecordState.HEADER_INCOMPLETE
                || attributes == ERASED
                || nameSize == ERASED
                || dataSize == ERASED) {
            return new StoredRecord(
                    at, RecordState.HEADER_INCOMPLETE, image.slice(at, at + HEADER_LENGTH), Optional.empty());
        }
        require(
                at + HEADER_LENGTH + nameSize + dataSize <= end,
                at + 36,
                "A variable's name and data reach past the end of the store");
        int length = HEADER_LENGTH + (int) (nameSize + dataSize);
        Bytes raw = image.slice(at, at + length);
        return new StoredRecord(
                at, state, raw, state.mayBeLive() ? Optional.of(variable(raw, at, (int) nameSize)) : Optional.empty());
    }

    private static Variable variable(Bytes raw, int at, int nameSize) {
        int data = HEADER_LENGTH + nameSize;
        VariableKey key = new VariableKey(name(raw.slice(HEADER_LENGTH, data), at + HEADER_LENGTH), raw.guid(44));
        return new Variable(
                key, (int) raw.u32(4), raw.u64(8), EfiTime.read(raw, 16), raw.u32(32), raw.slice(data, raw.length()));
    }

    private static String name(Bytes utf16, int offset) {
        int length = utf16.length();
        require(length >= 4 && length % 2 == 0, offset, "A variable's name has " + length + " bytes");
        char[] name = new char[length / 2 - 1];
        for (int i = 0; i < name.length; i++) {
            name[i] = (char) utf16.u16(2 * i);
            require(name[i] != 0, offset + 2 * i, "A variable's name ends before its length says so");
        }
        require(utf16.u16(length - 2) == 0, offset + length - 2, "A variable's name does not end in NUL");
        return new String(name);
    }

    /** The record that the firmware would write for this variable. */
    static StoredRecord write(Variable variable) {
        Bytes name = new ByteWriter().text(variable.name()).toBytes();
        Bytes raw = new ByteWriter()
                .u16(START_ID)
                .u8(RecordState.ADDED.code())
                .u8(0)
                .u32(variable.attributes())
                .u64(variable.monotonicCount())
                .bytes(variable.timestamp().toBytes())
                .u32(variable.publicKeyIndex())
                .u32(name.length())
                .u32(variable.data().length())
                .guid(variable.vendor())
                .bytes(name)
                .bytes(variable.data())
                .toBytes();
        return new StoredRecord(0, RecordState.ADDED, raw, Optional.of(variable));
    }

    /** The bytes that it takes up, padding included: the next record starts at a multiple of four. */
    int footprint() {
        return raw.length() + 3 & ~3;
    }

    private static void require(boolean holds, int offset, String otherwise) {
        if (!holds) {
            throw new VarstoreException(Problem.RECORD, offset, otherwise);
        }
    }
}
