package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can be saved of a damaged store, for a person to look at.
 *
 * <p>A repaired store may lack variables, the platform key among them: then Secure Boot is no longer enforced. So nothing
 * starts a machine with one unless somebody has said so.
 *
 * @param store a sound, compacted store
 * @param notes one sentence for each thing that was wrong; empty if nothing was
 */
public record Repair(VarStore store, List<String> notes) {
    /**
     * Saves every variable whose record is whole.
     *
     * @throws VarstoreException if not one can be found
     */
    public static Repair of(byte[] file) {
        List<String> notes = new ArrayList<>();
        Bytes image = resized(file, notes);
        StoreSize size = StoreSize.ofFileLength(image.length());
        image = replayed(image, size, notes);
        try {
            VolumeFormat.check(image, size);
        } catch (VarstoreException e) {
            notes.add("The headers were written anew: " + e.getMessage());
        }
        List<StoredRecord> records = records(image, size, notes);
        if (records.isEmpty() && !notes.isEmpty()) {
            throw new VarstoreException(
                    Problem.RECORD, VolumeFormat.FIRST_RECORD, "Nothing can be saved: there is no whole variable");
        }
        VarStore store = EmptyStore.of(size).inLayout(size, StoreFormat.live(records));
        return new Repair(store, List.copyOf(notes));
    }

    private static Bytes resized(byte[] file, List<String> notes) {
        for (StoreSize size : StoreSize.values()) {
            if (size.fileLength() == file.length) {
                return Bytes.copyOf(file);
            }
        }
        StoreSize size = file.length <= StoreSize.M2.fileLength() ? StoreSize.M2 : StoreSize.M4;
        // The volume says how long it should be, if it is there at all.
        if (file.length >= VolumeFormat.VOLUME_HEADER_LENGTH
                && Bytes.copyOf(Arrays.copyOf(file, VolumeFormat.VOLUME_HEADER_LENGTH))
                                .u64(0x20)
                        == StoreSize.M4.fileLength()) {
            size = StoreSize.M4;
        }
        notes.add("The file has " + file.length + " bytes instead of " + size.fileLength());
        byte[] resized = Arrays.copyOf(file, size.fileLength());
        if (file.length < resized.length) {
            Arrays.fill(resized, file.length, resized.length, (byte) 0xff);
        }
        return Bytes.wrap(resized);
    }

    private static Bytes replayed(Bytes image, StoreSize size, List<String> notes) {
        try {
            FaultTolerantWrite journal = FaultTolerantWrite.read(image, size);
            return switch (journal.state()) {
                case IDLE -> image;
                case SPARE_COMPLETE -> {
                    Bytes replayed = journal.replayed();
                    notes.add("A pending write was replayed from the spare block");
                    yield replayed;
                }
                case SPARE_INCOMPLETE -> {
                    notes.add("A pending write that had not reached the spare block was given up");
                    yield image;
                }
            };
        } catch (VarstoreException e) {
            notes.add("The journal was set to rest: " + e.getMessage());
            return image;
        }
    }

    /** Records wherever one can start: after a damaged one the search goes on at the next multiple of four. */
    private static List<StoredRecord> records(Bytes image, StoreSize size, List<String> notes) {
        List<StoredRecord> records = new ArrayList<>();
        int written = size.storeEnd();
        while (written > VolumeFormat.FIRST_RECORD && image.u8(written - 1) == 0xff) {
            written--;
        }
        int at = VolumeFormat.FIRST_RECORD;
        while (at < written) {
            StoredRecord record = tryRead(image, at, size.storeEnd());
            if (record != null) {
                records.add(record);
                at += record.footprint();
                continue;
            }
            int from = at;
            while (at < written && tryRead(image, at, size.storeEnd()) == null) {
                at += 4;
            }
            notes.add(
                    String.format(Locale.ROOT, "Bytes 0x%x to 0x%x are no whole variable and were left out", from, at));
        }
        return records;
    }

    private static @Nullable StoredRecord tryRead(Bytes image, int at, int end) {
        if (image.u16(at) != StoredRecord.START_ID) {
            return null;
        }
        try {
            return StoredRecord.read(image, at, end);
        } catch (VarstoreException damaged) {
            return null;
        }
    }
}
