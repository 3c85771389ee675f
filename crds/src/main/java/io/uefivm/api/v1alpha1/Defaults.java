package io.uefivm.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/** How the records fill in what a user left out. */
final class Defaults {
    private Defaults() {}

    static <T> T or(@Nullable T given, T fallback) {
        return given == null ? fallback : given;
    }
}
