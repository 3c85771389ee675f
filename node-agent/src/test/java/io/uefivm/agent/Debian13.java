package io.uefivm.agent;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of Debian 13 that e2e/debian-13.sh keeps in the cache. */
public final class Debian13 {
    private Debian13() {}

    /**
     * A file or directory that has to be there.
     *
     * @param path below the cache, {@code UEFIVM_CACHE} or {@code ~/.cache/uefivm}
     */
    public static Path file(String path) {
        String override = System.getenv("UEFIVM_CACHE");
        Path cache = override != null ? Path.of(override) : Path.of(System.getProperty("user.home"), ".cache/uefivm");
        Path file = cache.resolve(path);
        if (!Files.exists(file)) {
            throw new AssertionError(file + " is missing; get it with: e2e/debian-13.sh");
        }
        return file;
    }
}
