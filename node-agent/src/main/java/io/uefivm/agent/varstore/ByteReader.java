package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.UUID;

/** Reads a UEFI structure field by field; a field that is cut off is a {@link VarstoreException}. */
final class ByteReader {
    private final Bytes bytes;
    private final Problem problem;
    private final int origin;
    private int at;

    /**
     * @param origin where these bytes start in what the offsets of errors refer to
     */
    ByteReader(Bytes bytes, int origin, Problem problem) {
        this.bytes = bytes;
        this.origin = origin;
        this.problem = problem;
    }

    int remaining() {
        return bytes.length() - at;
    }

    /** Where the next byte stands, as errors count. */
    int offset() {
        return origin + at;
    }

    int u8(String field) {
        return bytes.u8(advance(1, field));
    }

    int u16(String field) {
        return bytes.u16(advance(2, field));
    }

    long u32(String field) {
        return bytes.u32(advance(4, field));
    }

    long u64(String field) {
        return bytes.u64(advance(8, field));
    }

    UUID guid(String field) {
        return bytes.guid(advance(16, field));
    }

    Bytes take(long length, String field) {
        int from = advance(length, field);
        return bytes.slice(from, at);
    }

    /** UTF-16LE up to a NUL, which is read too. */
    String text(String field) {
        StringBuilder text = new StringBuilder();
        for (int c = u16(field); c != 0; c = u16(field)) {
            text.append((char) c);
        }
        return text.toString();
    }

    VarstoreException error(String message) {
        return new VarstoreException(problem, offset(), message);
    }

    private int advance(long length, String field) {
        if (length > remaining()) {
            throw error(field + " needs " + length + " bytes, but " + remaining() + " are left");
        }
        int from = at;
        at += (int) length;
        return from;
    }
}
