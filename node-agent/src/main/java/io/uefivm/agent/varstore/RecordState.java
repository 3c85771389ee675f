package io.uefivm.agent.varstore;

import java.util.Arrays;
import java.util.Optional;

/**
 * How far the writing or deleting of a record got (edk2 MdeModulePkg/Include/Guid/VariableFormat.h).
 *
 * <p>Flash can only clear bits without an erase, so each step clears one. No other state arises from the firmware's own
 * steps; OVMF refuses a store with another one.
 */
public enum RecordState {
    /** The header was being written; its lengths mean nothing. */
    HEADER_INCOMPLETE(0xff),
    /** The header is whole, the data perhaps not. */
    DATA_INCOMPLETE(0x7f),
    /** The variable. */
    ADDED(0x3f),
    /** The variable, until its replacement is whole. A power loss can leave it so for ever: it is as good as ADDED. */
    IN_DELETED_TRANSITION(0x3e),
    /** Deleted at once. */
    DELETED(0x3d),
    /** Deleted after it had been replaced. */
    REPLACED(0x3c);

    private final int code;

    RecordState(int code) {
        this.code = code;
    }

    static Optional<RecordState> of(int code) {
        return Arrays.stream(values()).filter(state -> state.code == code).findFirst();
    }

    int code() {
        return code;
    }

    boolean mayBeLive() {
        return this == ADDED || this == IN_DELETED_TRANSITION;
    }
}
