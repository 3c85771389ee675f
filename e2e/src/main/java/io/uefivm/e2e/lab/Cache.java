package io.uefivm.e2e.lab;

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
}
