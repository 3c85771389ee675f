package io.uefivm.agent.hypervisor;

import org.jspecify.annotations.Nullable;

/** What libvirt refused, with its own text. */
public final class HypervisorException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether the same call can succeed later without anybody changing anything. */
    public enum Kind {
        /** libvirt cannot be reached or timed out. */
        UNAVAILABLE,
        /** libvirt or QEMU refused what it was given. */
        REFUSED
    }

    private final Kind kind;

    public HypervisorException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
