package io.uefivm.agent.nvram;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bytes of a generation: one file, so that one rename commits it. New ones are {@link Packed}; {@link Zipped} ones of
 * earlier versions stay readable.
 *
 * @param generation its manifest.json
 * @param content its vars.fd and tpm/
 */
record GenerationFile(Generation generation, Content content) {
    /** Largest file that is read; a real one has a few KiB. */
    static final int MAX_FILE = 32 << 20;

    /** Larger than any variable store: 528 KiB is what the 4 MiB firmware builds have. */
    static final int MAX_VARS = 16 << 20;

    static final int MAX_TPM_FILE = 1 << 20;
    static final int MAX_TPM_FILES = 8;
    static final int MAX_JSON = 64 << 10;

    private static final String MANIFEST = "manifest.json";
    private static final String TPM = EpochFiles.TPM + "/";

    byte[] encode() {
        return Packed.encode(files());
    }

    Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(MANIFEST, Json.write(generation));
        files.put(EpochFiles.VARS, content.vars());
        content.tpm().forEach((name, bytes) -> files.put(TPM + name, bytes));
        return files;
    }

    /**
     * The most bytes that a file of a generation may have.
     *
     * @param before the files that came before it
     * @throws CorruptException if no such file belongs there
     */
    static int limit(String file, Map<String, byte[]> before) throws CorruptException {
        if (!before.containsKey(file)) {
            if (file.equals(MANIFEST)) {
                return MAX_JSON;
            }
            if (file.equals(EpochFiles.VARS)) {
                return MAX_VARS;
            }
            if (isTpmFile(file)
                    && before.keySet().stream()
                                    .filter(GenerationFile::isTpmFile)
                                    .count()
                            < MAX_TPM_FILES) {
                return MAX_TPM_FILE;
            }
        }
        throw new CorruptException("it holds a file that does not belong there");
    }

    private static boolean isTpmFile(String file) {
        return file.startsWith(TPM) && EpochFiles.isTpmFile(file.substring(TPM.length()));
    }

    /** Reads a file that anybody may have written: bounded in size, and everything checked against its manifest. */
    static GenerationFile decode(byte[] file) throws CorruptException {
        Map<String, byte[]> files = Packed.is(file) ? Packed.decode(file) : Zipped.decode(file);
        byte[] manifest = files.remove(MANIFEST);
        byte[] vars = files.remove(EpochFiles.VARS);
        if (manifest == null || vars == null) {
            throw new CorruptException("it is not complete");
        }
        Map<String, byte[]> tpm = new HashMap<>();
        files.forEach((name, bytes) -> tpm.put(name.substring(TPM.length()), bytes));
        Generation generation = Json.read(manifest, Generation.class, MANIFEST);
        Content content = new Content(vars, tpm);
        if (generation.size() != vars.length || !generation.holds(content)) {
            throw new CorruptException("its content is not what its manifest says");
        }
        return new GenerationFile(generation, content);
    }

    /** As {@link #decode(byte[])}, of the generation that the file's name says. */
    static GenerationFile decode(byte[] file, GenerationName name) throws CorruptException {
        GenerationFile decoded = decode(file);
        if (decoded.generation().name().compareTo(name) != 0) {
            throw new CorruptException("it is another generation than its name says");
        }
        return decoded;
    }
}
