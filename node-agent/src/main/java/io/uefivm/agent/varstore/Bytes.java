package io.uefivm.agent.varstore;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;

/**
 * An immutable run of bytes with the little-endian reads that UEFI structures need.
 *
 * <p>A slice shares the bytes of its origin, so that a parsed store costs little more than the file.
 */
public final class Bytes {
    /** No bytes. */
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private static final byte[] ERASED = erased(0x1000);

    private final byte[] array;
    private final int start;
    private final int length;

    private Bytes(byte[] array, int start, int length) {
        this.array = array;
        this.start = start;
        this.length = length;
    }

    /** A copy of these bytes. */
    public static Bytes copyOf(byte[] bytes) {
        return new Bytes(bytes.clone(), 0, bytes.length);
    }

    /** These very bytes; the caller gives them up. */
    static Bytes wrap(byte[] bytes) {
        return new Bytes(bytes, 0, bytes.length);
    }

    /** The bytes that this text in hexadecimal stands for. */
    public static Bytes ofHex(String hex) {
        return wrap(HexFormat.of().parseHex(hex));
    }

    /** Flash that was erased. */
    static byte[] erased(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** One byte, unsigned. */
    public int u8(int at) {
        return array[start + Objects.checkIndex(at, length)] & 0xff;
    }

    /** Two bytes, unsigned. */
    public int u16(int at) {
        return u8(at) | u8(at + 1) << 8;
    }

    /** Four bytes, unsigned. */
    public long u32(int at) {
        return u16(at) | (long) u16(at + 2) << 16;
    }

    /** Eight bytes; the top bit is the sign, as in Java. */
    public long u64(int at) {
        return u32(at) | u32(at + 4) << 32;
    }

    /** A GUID in its mixed-endian form (UEFI specification, appendix A). */
    public UUID guid(int at) {
        long high = u32(at) << 32 | (long) u16(at + 4) << 16 | u16(at + 6);
        return new UUID(high, Long.reverseBytes(u64(at + 8)));
    }

    /** The bytes from {@code from} (inclusive) to {@code to} (exclusive). */
    public Bytes slice(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        return new Bytes(array, start + from, to - from);
    }

    /** Where the first byte from {@code from} on stands that is not erased flash; {@code to} if all are erased. */
    int erasedUntil(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        for (int at = from; at < to; at += ERASED.length) {
            int end = Math.min(to, at + ERASED.length);
            int written = Arrays.mismatch(array, start + at, start + end, ERASED, 0, end - at);
            if (written >= 0) {
                return at + written;
            }
        }
        return to;
    }

    /** Puts these bytes into {@code target} at {@code at}. */
    void copyTo(byte[] target, int at) {
        System.arraycopy(array, start, target, at, length);
    }

    /** A copy as an array. */
    public byte[] toArray() {
        return Arrays.copyOfRange(array, start, start + length);
    }

    /** The bytes in lower-case hexadecimal. */
    public String hex() {
        return HexFormat.of().formatHex(array, start, start + length);
    }

    /** The SHA-256 of the bytes in lower-case hexadecimal. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(array, start, length);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform must have SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(array, start, start + length, that.array, that.start, that.start + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int at = start; at < start + length; at++) {
            hash = 31 * hash + array[at];
        }
        return hash;
    }

    /** The bytes in hexadecimal, or how many they are if there are many. */
    @Override
    public String toString() {
        return length <= 32 ? hex() : length + " bytes";
    }
}
