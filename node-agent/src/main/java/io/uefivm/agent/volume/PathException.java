package io.uefivm.agent.volume;

import java.io.IOException;

/** Why an entry of a directory could not be used. The message names the path and the cause. */
public final class PathException extends IOException {
    private static final long serialVersionUID = 1L;

    public enum Kind {
        MISSING,
        EXISTS,
        /** A link, a device, a FIFO or a file with further names where a plain file or directory has to be. */
        UNSAFE,
        /** The file system or the quota is full. */
        NO_SPACE,
        DENIED,
        NOT_EMPTY,
        /** Anything else, an I/O error of the storage above all. */
        FAILED
    }

    private final Kind kind;
    private final String path;

    public PathException(Kind kind, String path, String cause) {
        super(path + ": " + cause);
        this.kind = kind;
        this.path = path;
    }

    public Kind kind() {
        return kind;
    }

    public String path() {
        return path;
    }
}
