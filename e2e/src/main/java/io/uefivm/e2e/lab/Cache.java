package io.uefivm.e2e.lab;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where what is slow to make is kept between runs. */
public final class Cache {
    private static final String OVERRIDE = "UEFIVM_CACHE";

    private Cache() {}

    /** {@code UEFIVM_CACHE}, else {@code ~/.cache/uefivm}. */
    public static Path directory() {
        String override = System.getenv(OVERRIDE);
        return override != null ? Path.of(override) : Path.of(System.getProperty("user.home"), ".cache", "uefivm");
    }

    /**
     * A file or directory of Debian 13 that {@code e2e/debian-13.sh} keeps there.
     *
     * @throws IllegalStateException when it is missing
     */
    public static Path debian13(String path) {
        Path file = directory().resolve(path);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is missing; get it with: e2e/debian-13.sh");
        }
        return file;
    }
}
