package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * EDK2's journal for moving the whole store (MdeModulePkg/Universal/FaultTolerantWriteDxe).
 *
 * <p>When the firmware collects garbage it notes the write in the working block, puts the new store into the spare block,
 * then erases the old store and copies. Each step clears a bit, so that a write cut off by a power loss can be told from a
 * finished one. State bits are 0 when done. Only the last entry that is not complete matters.
 */
final class FaultTolerantWrite {
    /** What the working block says about the store in front of it. */
    enum State {
        /** The store is whole. */
        IDLE,
        /** The new store is whole in the spare block, the store itself perhaps not. */
        SPARE_COMPLETE,
        /** The new store was still on its way to the spare block; the store itself was not touched yet. */
        SPARE_INCOMPLETE
    }

    private static final UUID WORKING_BLOCK = UUID.fromString("9e58292b-7c68-497d-a0ce-6500fd9f1b95");
    private static final int BLOCK_HEADER_LENGTH = 32;
    private static final int ENTRY_LENGTH = 40;

    private static final int HEADER_ALLOCATED = 1;
    private static final int WRITES_ALLOCATED = 2;
    private static final int HEADER_COMPLETE = 4;
    private static final int RECORD_BOOT_BLOCK = 1;
    private static final int RECORD_SPARE_COMPLETE = 2;
    private static final int RECORD_DESTINATION_COMPLETE = 4;

    /** The start of a working block that has never been used; the rest of it is erased. */
    static final Bytes IDLE = blockHeader();

    private final Bytes image;
    private final StoreSize size;
    private final State state;
    private final int record;

    private FaultTolerantWrite(Bytes image, StoreSize size, State state, int record) {
        this.image = image;
        this.size = size;
        this.state = state;
        this.record = record;
    }

    private static Bytes blockHeader() {
        int queueLength = StoreSize.WORKING_BLOCK_LENGTH - BLOCK_HEADER_LENGTH;
        CRC32 crc = new CRC32();
        crc.update(blockHeader(0xffffffffL, 0xff, queueLength).toArray());
        return blockHeader(crc.getValue(), 0xfe, queueLength);
    }

    private static Bytes blockHeader(long crc, int state, int queueLength) {
        return new ByteWriter()
                .guid(WORKING_BLOCK)
                .u32(crc)
                .u8(state)
                .repeat(0xff, 3)
                .u64(queueLength)
                .toBytes();
    }

    /**
     * Reads the working block as the firmware does at start.
     *
     * <p>A damaged working block, or a queue that runs out of it, is what the firmware replaces by a fresh one; the store
     * must then stand on its own.
     */
    static FaultTolerantWrite read(Bytes image, StoreSize size) {
        int block = size.workingBlock();
        int end = block + StoreSize.WORKING_BLOCK_LENGTH;
        if (!image.slice(block, block + BLOCK_HEADER_LENGTH).equals(IDLE)) {
            return new FaultTolerantWrite(image, size, State.IDLE, 0);
        }
        int header = lastHeader(image, block + BLOCK_HEADER_LENGTH, end);
        if (header + 2 * ENTRY_LENGTH > end || (image.u8(header) & HEADER_ALLOCATED) != 0) {
            return new FaultTolerantWrite(image, size, State.IDLE, 0);
        }
        if ((image.u8(header) & WRITES_ALLOCATED) != 0) {
            // Bytes go to the flash one after the other, this one first: the rest of the header may still be missing.
            return new FaultTolerantWrite(image, size, State.SPARE_INCOMPLETE, header);
        }
        return lastRecord(image, size, header, end);
    }

    private static int lastHeader(Bytes image, int first, int end) {
        int header = first;
        while (header + ENTRY_LENGTH <= end && (image.u8(header) & HEADER_COMPLETE) == 0) {
            header = (int) Math.min(end, header + writeLength(image, header));
        }
        return header;
    }

    /** The bytes of a header and its records; more than a block if the header is nonsense. */
    private static long writeLength(Bytes image, int header) {
        long writes = image.u64(header + 24);
        long privateData = image.u64(header + 32);
        if (writes < 0 || writes > StoreSize.BLOCK || privateData < 0 || privateData > StoreSize.BLOCK) {
            return 2L * StoreSize.BLOCK;
        }
        return ENTRY_LENGTH + writes * (ENTRY_LENGTH + privateData);
    }

    private static FaultTolerantWrite lastRecord(Bytes image, StoreSize size, int header, int end) {
        if (header + writeLength(image, header) > end) {
            throw pendingWrite(header, "The pending write is longer than the working block");
        }
        long writes = image.u64(header + 24);
        int recordLength = ENTRY_LENGTH + (int) image.u64(header + 32);
        for (int i = 0; i < writes; i++) {
            int record = header + ENTRY_LENGTH + i * recordLength;
            int bits = image.u8(record);
            if ((bits & RECORD_DESTINATION_COMPLETE) != 0) {
                boolean spareComplete = (bits & RECORD_SPARE_COMPLETE) == 0;
                if (i > 0) {
                    throw pendingWrite(record, "The pending write has several parts; variables are never written so");
                }
                return new FaultTolerantWrite(
                        image, size, spareComplete ? State.SPARE_COMPLETE : State.SPARE_INCOMPLETE, record);
            }
        }
        return new FaultTolerantWrite(image, size, State.IDLE, 0);
    }

    State state() {
        return state;
    }

    /** Where the pending record stands in the file. */
    int offset() {
        return record;
    }

    /** The image as it is once the spare block has been copied to where it belongs. */
    Bytes replayed() {
        long block = image.u64(record + 8);
        long offset = image.u64(record + 16);
        long length = image.u64(record + 24);
        long relativeOffset = image.u64(record + 32);
        long target = size.spareBlock() + relativeOffset;
        boolean inStore = block >= 0
                && block < size.storeEnd() / StoreSize.BLOCK
                && target == block * StoreSize.BLOCK
                && offset >= 0
                && length > 0
                && offset < size.storeEnd()
                && length <= size.storeEnd() - offset
                && target + offset + length <= size.storeEnd();
        if (!inStore || (image.u8(record) & RECORD_BOOT_BLOCK) == 0) {
            throw pendingWrite(record, "The pending write does not go to the variable store");
        }
        int blocks = (int) ((offset + length + StoreSize.BLOCK - 1) / StoreSize.BLOCK);
        byte[] bytes = image.toArray();
        image.slice(size.spareBlock(), size.spareBlock() + blocks * StoreSize.BLOCK)
                .copyTo(bytes, (int) target);
        return Bytes.wrap(bytes);
    }

    private static VarstoreException pendingWrite(int offset, String message) {
        return new VarstoreException(Problem.PENDING_WRITE, offset, message);
    }
}
