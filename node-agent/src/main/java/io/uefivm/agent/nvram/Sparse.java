package io.uefivm.agent.nvram;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Bytes without the runs of 0xff, of which erased flash is made: most of a variable store. Deflate alone would spend half a
 * KiB on them, and its window would not reach from a store to the copy of it in the spare block.
 *
 * <p>Lengths are in LEB128: the whole length, then in turn the length of a run of 0xff, the length of what follows it, and
 * that.
 */
final class Sparse {
    /** A shorter run costs more than it saves. */
    private static final int SHORTEST_RUN = 16;

    private Sparse() {}

    static byte[] encode(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        length(out, bytes.length);
        int at = 0;
        while (at < bytes.length) {
            int written = at + erased(bytes, at);
            int end = written;
            while (end < bytes.length && !startsRun(bytes, end)) {
                end++;
            }
            length(out, written - at);
            length(out, end - written);
            out.write(bytes, written, end - written);
            at = end;
        }
        return out.toByteArray();
    }

    private static boolean startsRun(byte[] bytes, int at) {
        return bytes[at] == (byte) 0xff
                && (at + erased(bytes, at) == bytes.length || erased(bytes, at) >= SHORTEST_RUN);
    }

    private static int erased(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] == (byte) 0xff) {
            at++;
        }
        return at - from;
    }

    private static void length(ByteArrayOutputStream out, int length) {
        int rest = length;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** @param limit most bytes that are made; more is corrupt */
    static byte[] decode(byte[] sparse, int limit, String what) throws CorruptException {
        Reader in = new Reader(sparse);
        int length = in.length();
        if (length > limit) {
            throw new CorruptException(what + " is larger than anything real");
        }
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xff);
        int at = 0;
        while (in.at < sparse.length) {
            int run = in.length();
            int literal = in.length();
            if (run > length - at || literal > length - at - run || literal > sparse.length - in.at) {
                throw new CorruptException(what + " is longer than it says");
            }
            System.arraycopy(sparse, in.at, bytes, at + run, literal);
            in.at += literal;
            at += run + literal;
        }
        if (at != length) {
            throw new CorruptException(what + " is shorter than it says");
        }
        return bytes;
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        /** At most 28 bits, so that sums of them are ints. */
        int length() throws CorruptException {
            int length = 0;
            for (int shift = 0; shift < 28; shift += 7) {
                if (at == bytes.length) {
                    break;
                }
                int b = bytes[at++];
                length |= (b & 0x7f) << shift;
                if (b >= 0) {
                    return length;
                }
            }
            throw new CorruptException("a length in the file is cut off or larger than anything real");
        }
    }
}
