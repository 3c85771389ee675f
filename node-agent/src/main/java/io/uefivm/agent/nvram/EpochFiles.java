package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.Directory.Entry;
import io.uefivm.agent.volume.Directory.EntryKind;
import io.uefivm.agent.volume.PathException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The files of one epoch: {@code epochs/<epoch>/} with epoch.json, vars.fd and tpm/. */
final class EpochFiles {
    static final String VARS = "vars.fd";
    static final String TPM = "tpm";
    private static final String RECORD = "epoch.json";

    /** What swtpm keeps for a TPM 2.0; its lock file and its own temporary files are not state. */
    private static final Pattern TPM_FILE = Pattern.compile("tpm2-[A-Za-z0-9._-]{1,60}");

    private EpochFiles() {}

    static boolean isTpmFile(String name) {
        return TPM_FILE.matcher(name).matches();
    }

    static String temporary(long epoch) {
        return "." + epoch + ".tmp";
    }

    /**
     * Makes the directory of an epoch. It appears complete and durable, or not at all.
     *
     * @param code what follows the variable store in its file; may be empty
     */
    static void create(Directory epochs, EpochRecord record, Content content, byte[] code) throws PathException {
        String temporary = temporary(record.epoch());
        epochs.removeTree(temporary, 1);
        epochs.make(temporary);
        try (Directory epoch = epochs.open(temporary)) {
            write(epoch, RECORD, Json.write(record));
            write(epoch, VARS, joined(content.vars(), code));
            epoch.make(TPM);
            try (Directory tpm = epoch.open(TPM)) {
                for (Map.Entry<String, byte[]> file : content.tpm().entrySet()) {
                    write(tpm, file.getKey(), file.getValue());
                }
                tpm.sync();
            }
            epoch.sync();
        }
        epochs.rename(temporary, Long.toString(record.epoch()));
        epochs.sync();
    }

    private static byte[] joined(byte[] vars, byte[] code) {
        byte[] both = Arrays.copyOf(vars, vars.length + code.length);
        System.arraycopy(code, 0, both, vars.length, code.length);
        return both;
    }

    private static void write(Directory directory, String name, byte[] content) throws PathException {
        directory.write(name, content);
        directory.syncFile(name);
    }

    static EpochRecord record(Directory epoch) throws PathException, CorruptException {
        if (size(epoch, RECORD) > GenerationFile.MAX_JSON) {
            throw new CorruptException(RECORD + " is larger than anything real");
        }
        return Json.read(epoch.read(RECORD, GenerationFile.MAX_JSON), EpochRecord.class, RECORD);
    }

    static void record(Directory epoch, EpochRecord record) throws PathException {
        epoch.replace(RECORD, Json.write(record));
    }

    /** Makes what a domain wrote durable and reads it. */
    static Content read(Directory epoch, Optional<EpochRecord> record) throws PathException, CorruptException {
        long size = size(epoch, VARS);
        if (size > GenerationFile.MAX_VARS) {
            throw new CorruptException(VARS + " has " + size + " bytes, more than any variable store");
        }
        epoch.syncFile(VARS);
        byte[] vars = epoch.read(VARS, GenerationFile.MAX_VARS);
        if (record.isPresent()) {
            int expected = record.get().varsSize() + record.get().codeSize();
            if (expected != vars.length) {
                throw new CorruptException(VARS + " has " + vars.length + " bytes instead of " + expected);
            }
            vars = Arrays.copyOf(vars, record.get().varsSize());
        }
        Map<String, byte[]> tpm = readTpm(epoch);
        if (tpm.isEmpty() && record.isPresent() && record.get().tpm()) {
            throw new CorruptException("the TPM state that it started with is gone");
        }
        return new Content(vars, tpm);
    }

    private static Map<String, byte[]> readTpm(Directory epoch) throws PathException, CorruptException {
        Map<String, byte[]> files = new TreeMap<>();
        if (epoch.entry(TPM).isEmpty()) {
            return files;
        }
        try (Directory tpm = epoch.open(TPM)) {
            for (String name : tpm.names()) {
                if (!isTpmFile(name)) {
                    continue;
                }
                if (files.size() == GenerationFile.MAX_TPM_FILES || size(tpm, name) > GenerationFile.MAX_TPM_FILE) {
                    throw new CorruptException("the TPM state is larger than anything real");
                }
                tpm.syncFile(name);
                files.put(name, tpm.read(name, GenerationFile.MAX_TPM_FILE));
            }
            tpm.sync();
        }
        return files;
    }

    private static long size(Directory directory, String name) throws PathException, CorruptException {
        Optional<Entry> entry = directory.entry(name);
        if (entry.isEmpty()) {
            throw new CorruptException(name + " is missing");
        }
        return entry.get().kind() == EntryKind.FILE ? entry.get().size() : 0;
    }

    /** Takes the state away that a generation holds by now; the record stays, so that the epoch cannot run again. */
    static void strip(Directory epoch) throws PathException {
        epoch.removeTree(VARS, 0);
        epoch.removeTree(TPM, 0);
        epoch.sync();
    }
}
