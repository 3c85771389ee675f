package io.uefivm.agent.domain;

/** Checks of paths as text; whether anything is there is for the host to know. */
final class Paths {
    private Paths() {}

    /** libvirt takes a relative path to be relative to its own working directory. */
    static void requireAbsolute(String field, String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(field + " must be an absolute path of the host, not '" + path + "'");
        }
    }
}
