package io.uefivm.agent.volume;

import io.uefivm.api.v1alpha1.Reason;

/** Why a volume of a VM pod cannot be used; the message names the cause and the remedy. */
public final class VolumeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    VolumeException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    private VolumeException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** @param otherwise the reason when nothing is unsafe */
    static VolumeException of(PathException e, String volume, Reason otherwise) {
        return e.kind() == PathException.Kind.UNSAFE
                ? new VolumeException(
                        Reason.ClaimUnsafe,
                        "In volume " + volume + ", " + e.getMessage() + ". Replace it by a plain file or directory.",
                        e)
                : new VolumeException(
                        otherwise, "Volume " + volume + " cannot be used on this node: " + e.getMessage() + ".", e);
    }

    /** One of ClaimNotFound, ClaimUnsafe, DiskNotFound, NvramUnreadable. */
    public Reason reason() {
        return reason;
    }
}
