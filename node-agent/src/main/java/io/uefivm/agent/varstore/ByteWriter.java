package io.uefivm.agent.varstore;

import java.io.ByteArrayOutputStream;
import java.util.UUID;

/** Builds a little-endian UEFI structure field by field. */
final class ByteWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ByteWriter u8(int value) {
        out.write(value);
        return this;
    }

    ByteWriter u16(int value) {
        return u8(value).u8(value >> 8);
    }

    ByteWriter u32(long value) {
        return u16((int) value).u16((int) (value >> 16));
    }

    ByteWriter u64(long value) {
        return u32(value).u32(value >> 32);
    }

    ByteWriter guid(UUID guid) {
        long high = guid.getMostSignificantBits();
        return u32(high >>> 32)
                .u16((int) (high >> 16))
                .u16((int) high)
                .u64(Long.reverseBytes(guid.getLeastSignificantBits()));
    }

    /** UTF-16LE and a NUL. */
    ByteWriter text(String text) {
        for (int i = 0; i < text.length(); i++) {
            u16(text.charAt(i));
        }
        return u16(0);
    }

    ByteWriter bytes(Bytes bytes) {
        out.writeBytes(bytes.toArray());
        return this;
    }

    ByteWriter repeat(int value, int count) {
        for (int i = 0; i < count; i++) {
            u8(value);
        }
        return this;
    }

    int length() {
        return out.size();
    }

    Bytes toBytes() {
        return Bytes.wrap(out.toByteArray());
    }
}
