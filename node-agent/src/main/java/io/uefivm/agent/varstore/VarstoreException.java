package io.uefivm.agent.varstore;

import java.util.Locale;

/**
 * The one exception of this package: these bytes are not what they should be, or this change cannot be made.
 *
 * <p>The offset counts from the start of the file for {@link Problem#SIZE} to {@link Problem#TRAILING_DATA}, and from
 * the start of the variable's data for problems inside a value. It is {@link #NO_OFFSET} for a change that was refused.
 */
public final class VarstoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** No byte is to blame: the change that was asked for is. */
    public static final long NO_OFFSET = -1;

    /** What is wrong, for code that must decide; the message says it for people. */
    public enum Problem {
        /** The file has neither the length of a 2M nor that of a 4M store. */
        SIZE,
        /** The firmware-volume header is missing or damaged. */
        VOLUME_HEADER,
        /** The variable-store header is missing, damaged, or not of the authenticated format. */
        STORE_HEADER,
        /** The firmware was stopped while it moved the store, and what it left cannot be used. */
        PENDING_WRITE,
        /** A variable record is damaged. */
        RECORD,
        /** Bytes that are not erased follow the last record. */
        TRAILING_DATA,
        /** A value that should be a list of EFI_SIGNATURE_LIST is not. */
        SIGNATURE_LIST,
        /** A value that should be an EFI_LOAD_OPTION is not. */
        LOAD_OPTION,
        /** A device path is damaged. */
        DEVICE_PATH,
        /** A value of fixed form (BootOrder, SecureBootEnable, ...) has another form. */
        VALUE,
        /** A certificate that is to be enrolled cannot be read. */
        CERTIFICATE,
        /** The variable to be written breaks a rule of the firmware. */
        INVALID_VARIABLE,
        /** The variable to be written does not fit. */
        NO_SPACE
    }

    private final Problem problem;
    private final long offset;

    VarstoreException(Problem problem, long offset, String message) {
        super(offset == NO_OFFSET ? message : String.format(Locale.ROOT, "%s (at offset 0x%x)", message, offset));
        this.problem = problem;
        this.offset = offset;
    }

    /** What is wrong, where, and what to do, for people; there always is one. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** What is wrong. */
    public Problem problem() {
        return problem;
    }

    /** Where, in bytes; {@link #NO_OFFSET} if no byte is to blame. */
    public long offset() {
        return offset;
    }
}
