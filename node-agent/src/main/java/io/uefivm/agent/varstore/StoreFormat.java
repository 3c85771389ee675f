package io.uefivm.agent.varstore;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The records between the store's header and its end: walking them as EDK2 does, and laying them out afresh. */
final class StoreFormat {
    private StoreFormat() {}

    /** All records, live or not, in their order. */
    static List<StoredRecord> records(Bytes image, StoreSize size) {
        List<StoredRecord> records = new ArrayList<>();
        int end = size.storeEnd();
        int at = VolumeFormat.FIRST_RECORD;
        while (at + 2 <= end && image.u16(at) == StoredRecord.START_ID) {
            StoredRecord record = StoredRecord.read(image, at, end);
            records.add(record);
            at += record.footprint();
        }
        checkTail(image, Math.min(at, end), end);
        return List.copyOf(records);
    }

    /**
     * What follows the last record must be erased. One exception: the firmware writes byte by byte, so it can be stopped
     * after the first byte of a record; the next record overwrites that byte with itself.
     */
    private static void checkTail(Bytes image, int from, int end) {
        boolean firstByteOnly = from < end && image.u8(from) == (StoredRecord.START_ID & 0xff);
        int at = image.erasedUntil(firstByteOnly ? from + 1 : from, end);
        if (at < end) {
            throw new VarstoreException(
                    Problem.TRAILING_DATA, at, "Bytes that are no variable follow the last variable of the store");
        }
    }

    /**
     * The records that the firmware uses, by name, in the order of the store.
     *
     * <p>Of several the first that is ADDED counts, else the last in transition (FindVariableEx in edk2 VariableParsing.c).
     */
    static Map<VariableKey, StoredRecord> live(List<StoredRecord> records) {
        Map<VariableKey, StoredRecord> live = new LinkedHashMap<>();
        for (StoredRecord record : records) {
            record.variable()
                    .ifPresent(variable -> live.merge(
                            variable.key(),
                            record,
                            (earlier, later) -> earlier.state() == RecordState.ADDED ? earlier : later));
        }
        return live;
    }

    /**
     * A store with just these records, one after the other, all ADDED, and a journal at rest.
     *
     * @param base gives the headers and the event log
     */
    static Bytes layOut(Bytes base, StoreSize size, Collection<StoredRecord> records) {
        byte[] image = erasedAfter(base.slice(0, VolumeFormat.FIRST_RECORD), size.fileLength());
        int at = VolumeFormat.FIRST_RECORD;
        for (StoredRecord record : records) {
            record.raw().copyTo(image, at);
            image[at + 2] = (byte) RecordState.ADDED.code();
            at += record.footprint();
        }
        base.slice(size.storeEnd(), size.workingBlock()).copyTo(image, size.storeEnd());
        FaultTolerantWrite.IDLE.copyTo(image, size.workingBlock());
        return Bytes.wrap(image);
    }

    private static byte[] erasedAfter(Bytes head, int length) {
        byte[] image = Bytes.erased(length);
        head.copyTo(image, 0);
        return image;
    }

    /** A store without any record. */
    static Bytes empty(StoreSize size) {
        Bytes base = Bytes.wrap(erasedAfter(VolumeFormat.headers(size), size.fileLength()));
        return layOut(base, size, List.of());
    }
}
