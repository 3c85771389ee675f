package io.uefivm.agent.nvram;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What most states have in common, so that a generation need not hold it: Microsoft's certificates and the records of a first
 * boot for stores, the parts that every swtpm state has, a manifest's words.
 *
 * <p>A file names the version of the dictionaries that it was written with. Those of a version that was ever released never
 * change, or the generations in people's claims could not be read any more; better ones get the next version.
 */
final class Dictionary {
    /** What new files are written with. */
    static final int CURRENT = 1;

    private Dictionary() {}

    /**
     * That of a file.
     *
     * @param version from 1 to {@link #CURRENT}
     * @param file its name in a generation
     */
    static byte[] of(int version, String file) {
        String name = "dictionary-" + version + (file.equals(EpochFiles.VARS) ? "-vars" : "-other");
        try (InputStream in = Dictionary.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks its resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
