package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.Reason;

/** Why the NVRAM of a VM cannot be used; the message names the cause and the remedy. */
public final class NvramException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    NvramException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    private NvramException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    static NvramException of(PathException e, long usableBytes) {
        return switch (e.kind()) {
            case UNSAFE ->
                new NvramException(
                        Reason.ClaimUnsafe,
                        "In the NVRAM claim " + e.getMessage()
                                + ". Nothing but uefivm writes below uefivm/ of that claim;"
                                + " remove what does not belong there.",
                        e);
            case NO_SPACE ->
                new NvramException(
                        Reason.ClaimTooSmall,
                        "The NVRAM claim is full: " + e.getMessage() + ", " + usableBytes
                                + " bytes are free. A start takes the size of the variable store plus 64 KiB: make the claim"
                                + " larger (spec.nvram.storage.size) or free space in it.",
                        e);
            default ->
                new NvramException(
                        Reason.NvramUnreadable,
                        "The NVRAM claim cannot be used: " + e.getMessage()
                                + ". Root of the node must be able to read and write it (no root_squash), and its storage"
                                + " must be healthy.",
                        e);
        };
    }

    /**
     * A change that does not fit into the variable store.
     *
     * @param message names what does not fit, the bytes that are missing, and the remedy
     */
    public static NvramException storeFull(String message) {
        return new NvramException(Reason.NvramFull, message);
    }

    /** One of NvramUnreadable, NvramWrongSize, NvramFull, ClaimTooSmall, ClaimUnsafe. */
    public Reason reason() {
        return reason;
    }
}
