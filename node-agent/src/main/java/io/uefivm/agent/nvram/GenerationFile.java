package io.uefivm.agent.nvram;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The bytes of a generation: a zip archive, so that one rename commits it and anybody can read it with {@code unzip}.
 *
 * @param generation its manifest.json
 * @param content its vars.fd and tpm/
 */
record GenerationFile(Generation generation, Content content) {
    /** Largest archive that is read; a real one has some KiB. */
    static final int MAX_ARCHIVE = 32 << 20;

    /** Larger than any variable store: 528 KiB is what the 4 MiB firmware builds have. */
    static final int MAX_VARS = 16 << 20;

    static final int MAX_TPM_FILE = 1 << 20;
    static final int MAX_TPM_FILES = 8;
    static final int MAX_JSON = 64 << 10;

    private static final String MANIFEST = "manifest.json";
    private static final String VARS = "vars.fd";
    private static final String TPM = "tpm/";

    /** The same state always gives the same bytes. */
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            put(zip, MANIFEST, Json.write(generation));
            put(zip, VARS, content.vars());
            for (Map.Entry<String, byte[]> file : content.tpm().entrySet()) {
                put(zip, TPM + file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(ENTRY_TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Reads an archive that anybody may have written: bounded in size, and everything checked against its manifest. */
    static GenerationFile decode(byte[] archive, GenerationName name) throws CorruptException {
        Generation manifest = null;
        byte[] vars = null;
        Map<String, byte[]> tpm = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String file = entry.getName();
                if (file.equals(MANIFEST)) {
                    manifest = Json.read(read(zip, file, MAX_JSON), Generation.class, MANIFEST);
                } else if (file.equals(VARS)) {
                    vars = read(zip, file, MAX_VARS);
                } else if (file.startsWith(TPM) && tpm.size() < MAX_TPM_FILES && EpochFiles.isTpmFile(tpmFile(file))) {
                    tpm.put(tpmFile(file), read(zip, file, MAX_TPM_FILE));
                } else {
                    throw new CorruptException("the archive holds an entry that does not belong there");
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new CorruptException("the archive is damaged: " + e.getMessage());
        }
        if (manifest == null || vars == null) {
            throw new CorruptException("the archive is not complete");
        }
        Content content = new Content(vars, tpm);
        if (!manifest.name().equals(name) || manifest.size() != vars.length || !manifest.holds(content)) {
            throw new CorruptException("the archive's content is not what its manifest says");
        }
        return new GenerationFile(manifest, content);
    }

    private static String tpmFile(String entry) {
        return entry.substring(TPM.length());
    }

    private static byte[] read(InputStream in, String what, int limit) throws IOException, CorruptException {
        byte[] content = in.readNBytes(limit + 1);
        if (content.length > limit) {
            throw new CorruptException(what + " is larger than anything real");
        }
        return content;
    }
}
