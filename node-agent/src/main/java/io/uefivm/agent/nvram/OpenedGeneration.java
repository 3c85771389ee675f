package io.uefivm.agent.nvram;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** A generation's file outside of its claim, for people. Its content was checked against its manifest. */
public final class OpenedGeneration {
    private final GenerationFile file;

    private OpenedGeneration(GenerationFile file) {
        this.file = file;
    }

    /**
     * Opens it.
     *
     * @return empty if the bytes do not claim to be a generation
     * @throws IOException if they do and are damaged, or a newer version of uefivm wrote them
     */
    public static Optional<OpenedGeneration> of(byte[] bytes) throws IOException {
        if (!Packed.is(bytes) && !Zipped.is(bytes)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new OpenedGeneration(GenerationFile.decode(bytes)));
        } catch (CorruptException e) {
            throw new IOException("This generation cannot be read: " + e.defect(), e);
        }
    }

    /** What its manifest says. */
    public Generation generation() {
        return file.generation();
    }

    /** Its variable store. */
    public byte[] vars() {
        return file.content().vars();
    }

    /** All its files by their path: {@code manifest.json}, {@code vars.fd}, {@code tpm/...}. */
    public Map<String, byte[]> files() {
        return file.files();
    }
}
