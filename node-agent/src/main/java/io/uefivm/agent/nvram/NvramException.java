package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why the NVRAM of a VM cannot be used; the message names the cause and the remedy. */
public final class NvramException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient Answer.@Nullable Refused refused;

    NvramException(Reason reason, String message) {
        this(reason, message, null, null);
    }

    private NvramException(Reason reason, String message, @Nullable Throwable cause, Answer.@Nullable Refused refused) {
        super(message, cause);
        this.reason = reason;
        this.refused = refused;
    }

    /** The same, after a request that would have been the way out was refused. */
    NvramException after(Answer.Refused answer) {
        return new NvramException(
                reason, getMessage() + " The request was refused: " + answer.why() + ".", getCause(), answer);
    }

    static NvramException of(PathException e, long usableBytes) {
        return switch (e.kind()) {
            case UNSAFE ->
                new NvramException(
                        Reason.ClaimUnsafe,
                        "In the NVRAM claim " + e.getMessage()
                                + ". Nothing but uefivm writes below uefivm/ of that claim;"
                                + " remove what does not belong there.",
                        e,
                        null);
            case NO_SPACE ->
                new NvramException(
                        Reason.ClaimTooSmall,
                        "The NVRAM claim is full: " + e.getMessage() + ", " + usableBytes
                                + " bytes are free. A start takes the size of the variable store plus 64 KiB: make the claim"
                                + " larger (spec.nvram.storage.size) or free space in it.",
                        e,
                        null);
            default ->
                new NvramException(
                        Reason.NvramUnreadable,
                        "The NVRAM claim cannot be used: " + e.getMessage()
                                + ". Root of the node must be able to read and write it (no root_squash), and its storage"
                                + " must be healthy.",
                        e,
                        null);
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

    /** What became of a request before this; empty when there was none or it was not looked at. */
    public Optional<Answer.Refused> refused() {
        return Optional.ofNullable(refused);
    }
}
