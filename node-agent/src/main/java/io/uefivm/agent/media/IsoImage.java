package io.uefivm.agent.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An ISO 9660 image (ECMA-119) with Joliet names: a handful of files in one directory, which Linux, the BSDs and Windows
 * read from a disk and a CD-ROM alike. Without times, so that the same files make the same image.
 */
final class IsoImage {
    private static final int SECTOR = 2048;
    /** After the system area, which is empty. */
    private static final int PRIMARY = 16;

    private static final int JOLIET = 17;
    private static final int TERMINATOR = 18;
    private static final int FIRST_PATH_TABLE = 19;
    private static final int PRIMARY_ROOT = 23;
    private static final int JOLIET_ROOT = 24;
    private static final int FIRST_FILE = 25;

    private static final int PATH_TABLE_BYTES = 10;
    private static final int RECORD_BYTES = 33;
    private static final int DIRECTORY_FLAG = 2;
    private static final int MOST_FILES = 8;
    private static final int MOST_NAME = 30;

    private final ByteBuffer image;
    private final String label;

    private IsoImage(String label, int sectors) {
        this.label = label;
        this.image = ByteBuffer.allocate(sectors * SECTOR);
    }

    /**
     * Makes an image.
     *
     * @param label volume label, at most 16 characters
     * @param files content by name, at most 8 names of at most 30 characters each
     */
    static byte[] of(String label, Map<String, byte[]> files) {
        if (files.size() > MOST_FILES || files.keySet().stream().anyMatch(name -> name.length() > MOST_NAME)) {
            throw new IllegalArgumentException(
                    "too many or too long names for one directory sector: " + files.keySet());
        }
        List<Entry> entries = new ArrayList<>();
        int next = FIRST_FILE;
        for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
            entries.add(new Entry(file.getKey(), entries.size(), next, file.getValue()));
            next += sectors(file.getValue().length);
        }
        var iso = new IsoImage(label, next);
        iso.descriptor(PRIMARY, 1, StandardCharsets.US_ASCII, next, PRIMARY_ROOT);
        iso.descriptor(JOLIET, 2, StandardCharsets.UTF_16BE, next, JOLIET_ROOT);
        iso.at(TERMINATOR, 0).put((byte) 0xff).put(ascii("CD001")).put((byte) 1);
        iso.pathTables(PRIMARY_ROOT, FIRST_PATH_TABLE);
        iso.pathTables(JOLIET_ROOT, FIRST_PATH_TABLE + 2);
        iso.directory(PRIMARY_ROOT, entries.stream().map(Entry::primary).toList());
        iso.directory(JOLIET_ROOT, entries.stream().map(Entry::joliet).toList());
        for (Entry entry : entries) {
            iso.at(entry.sector, 0).put(entry.content);
        }
        return iso.image.array();
    }

    /** @param number which one it is, for a short name that no other has: nobody reads those */
    private record Entry(String name, int number, int sector, byte[] content) {
        byte[] primary() {
            return record(ascii("FILE" + number + ".;1"), sector, content.length, 0);
        }

        byte[] joliet() {
            return record((name + ";1").getBytes(StandardCharsets.UTF_16BE), sector, content.length, 0);
        }
    }

    private void descriptor(int sector, int type, Charset charset, int sectors, int root) {
        at(sector, 0).put((byte) type).put(ascii("CD001")).put((byte) 1);
        text(sector, 8, 32, "", charset);
        text(sector, 40, 32, label, charset);
        at(sector, 80).put(both(sectors));
        if (type == 2) {
            // UCS-2 level 3, by which Joliet is known.
            at(sector, 88).put(ascii("%/E"));
        }
        at(sector, 120).put(both16(1));
        at(sector, 124).put(both16(1));
        at(sector, 128).put(both16(SECTOR));
        at(sector, 132).put(both(PATH_TABLE_BYTES));
        int pathTable = FIRST_PATH_TABLE + (root - PRIMARY_ROOT) * 2;
        at(sector, 140).order(ByteOrder.LITTLE_ENDIAN).putInt(pathTable);
        at(sector, 148).order(ByteOrder.BIG_ENDIAN).putInt(pathTable + 1);
        at(sector, 156).put(record(new byte[1], root, SECTOR, DIRECTORY_FLAG));
        // Volume set, publisher, preparer, application; then three file names.
        for (int field = 190; field < 702; field += 128) {
            text(sector, field, 128, "", charset);
        }
        for (int field = 702; field < 813; field += 37) {
            text(sector, field, 37, "", charset);
        }
        // Created, modified, expires, effective: not said.
        for (int field = 813; field < 881; field += 17) {
            at(sector, field).put(ascii("0".repeat(16)));
        }
        at(sector, 881).put((byte) 1);
    }

    private void pathTables(int root, int sector) {
        at(sector, 0)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) 0)
                .putInt(root)
                .putShort((short) 1);
        at(sector + 1, 0)
                .order(ByteOrder.BIG_ENDIAN)
                .put((byte) 1)
                .put((byte) 0)
                .putInt(root)
                .putShort((short) 1);
    }

    private void directory(int sector, List<byte[]> records) {
        ByteBuffer out = at(sector, 0);
        out.put(record(new byte[] {0}, sector, SECTOR, DIRECTORY_FLAG));
        out.put(record(new byte[] {1}, sector, SECTOR, DIRECTORY_FLAG));
        records.forEach(out::put);
    }

    private static byte[] record(byte[] name, int sector, int size, int flags) {
        int length = RECORD_BYTES + name.length + (name.length % 2 == 0 ? 1 : 0);
        ByteBuffer out = ByteBuffer.allocate(length);
        out.put((byte) length).put((byte) 0).put(both(sector)).put(both(size));
        // 1 January 2000, 0:00, UTC.
        out.put(new byte[] {100, 1, 1, 0, 0, 0, 0});
        out.put((byte) flags)
                .put(new byte[2])
                .put(both16(1))
                .put((byte) name.length)
                .put(name);
        return out.array();
    }

    private void text(int sector, int offset, int length, String text, Charset charset) {
        byte[] field = new byte[length];
        byte[] space = " ".getBytes(charset);
        for (int i = 0; i < length; i++) {
            field[i] = space[i % space.length];
        }
        byte[] bytes = text.getBytes(charset);
        System.arraycopy(bytes, 0, field, 0, bytes.length);
        if (length % space.length != 0) {
            Arrays.fill(field, length - length % space.length, length, (byte) 0);
        }
        at(sector, offset).put(field);
    }

    private ByteBuffer at(int sector, int offset) {
        return image.duplicate().position(sector * SECTOR + offset);
    }

    /** A number in both byte orders, one after the other. */
    private static byte[] both(int value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .order(ByteOrder.BIG_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] both16(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) value)
                .order(ByteOrder.BIG_ENDIAN)
                .putShort((short) value)
                .array();
    }

    private static int sectors(int bytes) {
        return Math.max(1, (bytes + SECTOR - 1) / SECTOR);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
