package io.uefivm.agent.volume;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The beginning of a qcow2 image, as far as it makes QEMU open other files than the image (QEMU, docs/interop/qcow2.txt).
 * Whoever can write to a claim could have a file of the host opened by it.
 */
final class Qcow2Header {
    /** Enough for all that is looked at. */
    static final int BYTES = 104;

    private static final int MAGIC = 0x514649fb;
    private static final int BACKING_FILE = 8;
    private static final int INCOMPATIBLE_FEATURES = 72;
    private static final long EXTERNAL_DATA_FILE = 1 << 2;
    private static final int VERSION_2 = 2;

    private Qcow2Header() {}

    /**
     * Why the image cannot be used; empty when it can.
     *
     * @param head its first {@link #BYTES} bytes, or all when it has less
     */
    static Optional<String> refusal(byte[] head) {
        ByteBuffer header = ByteBuffer.wrap(head);
        if (head.length < BYTES || header.getInt(0) != MAGIC) {
            return Optional.of("is no qcow2 image");
        }
        if (header.getLong(BACKING_FILE) != 0) {
            return Optional.of("has a backing file");
        }
        boolean hasFeatures = header.getInt(Integer.BYTES) > VERSION_2;
        if (hasFeatures && (header.getLong(INCOMPATIBLE_FEATURES) & EXTERNAL_DATA_FILE) != 0) {
            return Optional.of("has an external data file");
        }
        return Optional.empty();
    }
}
