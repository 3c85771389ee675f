package io.uefivm.agent.nvram;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Files in one, small: {@code UEFIVM}, the version of this format, the version of the {@link Dictionary}; then for each file
 * the length of its name, its name in ASCII, the length of its content (big-endian, 32 bits) and its content: {@link Sparse},
 * then zlib with the preset dictionary (RFC 1950).
 */
final class Packed {
    private static final byte[] MAGIC = "UEFIVM".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER = MAGIC.length + 2;
    private static final int FORMAT = 2;

    private Packed() {}

    static boolean is(byte[] file) {
        return file.length >= HEADER && Arrays.equals(MAGIC, 0, MAGIC.length, file, 0, MAGIC.length);
    }

    /** The same files always give the same bytes. */
    static byte[] encode(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeByte(FORMAT);
            out.writeByte(Dictionary.CURRENT);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                byte[] name = file.getKey().getBytes(StandardCharsets.US_ASCII);
                byte[] content =
                        deflate(Sparse.encode(file.getValue()), Dictionary.of(Dictionary.CURRENT, file.getKey()));
                out.writeByte(name.length);
                out.write(name);
                out.writeInt(content.length);
                out.write(content);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    /** Unpacks what anybody may have written: bounded by {@link GenerationFile#limit}. */
    static Map<String, byte[]> decode(byte[] file) throws CorruptException {
        Map<String, byte[]> files = new TreeMap<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(file))) {
            in.skipBytes(MAGIC.length);
            int format = in.readUnsignedByte();
            int dictionary = in.readUnsignedByte();
            if (format != FORMAT || dictionary < 1 || dictionary > Dictionary.CURRENT) {
                throw new CorruptException("it has format " + format + " with dictionary " + dictionary
                        + ", which this version of uefivm does not know; a newer one wrote it, or it is damaged");
            }
            while (in.available() > 0) {
                String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
                int limit = GenerationFile.limit(name, files);
                byte[] content = in.readNBytes(Math.max(0, in.readInt()));
                byte[] sparse = inflate(content, Dictionary.of(dictionary, name), limit, name);
                files.put(name, Sparse.decode(sparse, limit, name));
            }
        } catch (IOException e) {
            throw new CorruptException("it is cut off");
        }
        return files;
    }

    private static byte[] deflate(byte[] bytes, byte[] dictionary) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            deflater.setDictionary(dictionary);
            deflater.setInput(bytes);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static byte[] inflate(byte[] bytes, byte[] dictionary, int limit, String what) throws CorruptException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(bytes);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            while (!inflater.finished()) {
                int length = inflater.inflate(buffer);
                out.write(buffer, 0, length);
                if (inflater.needsDictionary()) {
                    inflater.setDictionary(dictionary);
                } else if (length == 0 && !inflater.finished()) {
                    throw new CorruptException(what + " is cut off");
                }
                // What is sparse is never much longer than what it stands for.
                if (out.size() > 2L * limit) {
                    throw new CorruptException(what + " is larger than anything real");
                }
            }
            if (inflater.getRemaining() > 0) {
                throw new CorruptException(what + " is followed by bytes that do not belong there");
            }
            return out.toByteArray();
        } catch (DataFormatException | IllegalArgumentException e) {
            throw new CorruptException(what + " is damaged: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }
}
