package io.uefivm.agent.nvram;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/** Variable stores and TPM state for tests, in which a torn or mixed one can be told from a whole one. */
final class TestStore {
    static final int SIZE = 4096;
    private static final int PENDING = 0x50454e44;

    private TestStore() {}

    /** A good store that is different for every id. */
    static byte[] vars(int id) {
        return sealed(id, SIZE);
    }

    static byte[] vars(int id, int size) {
        return sealed(id, size);
    }

    /** A store with a write that the firmware would finish: the check makes {@code vars(id)} of it. */
    static byte[] pending(int id) {
        byte[] bytes = vars(id);
        ByteBuffer.wrap(bytes).putInt(SIZE - 4, PENDING);
        return bytes;
    }

    private static byte[] sealed(int id, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 0xff);
        ByteBuffer.wrap(bytes).putInt(0, id).putInt(size / 2, id);
        ByteBuffer.wrap(bytes).putInt(size - 4, crc(bytes));
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length - 4);
        return (int) crc.getValue();
    }

    static StoreCheck check() {
        return bytes -> {
            if (bytes.length < 16) {
                return new StoreCheck.Bad("has only " + bytes.length + " bytes");
            }
            int seal = ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
            if (seal == crc(bytes)) {
                return new StoreCheck.Good(bytes, Optional.empty());
            }
            return seal == PENDING
                    ? new StoreCheck.Good(vars(id(bytes)), Optional.of("a pending write was finished"))
                    : new StoreCheck.Bad("the seal is broken");
        };
    }

    static int id(byte[] vars) {
        return ByteBuffer.wrap(vars).getInt(0);
    }

    /** As swtpm writes it: a header that says how long it is. */
    static byte[] tpm(int id) {
        byte[] bytes = new byte[1300];
        ByteBuffer.wrap(bytes)
                .put((byte) 2)
                .put((byte) 1)
                .putShort((short) 10)
                .putShort((short) 0)
                .putInt(bytes.length)
                .putInt(100, id);
        return bytes;
    }

    static int tpmId(byte[] tpm) {
        return ByteBuffer.wrap(tpm).getInt(100);
    }
}
