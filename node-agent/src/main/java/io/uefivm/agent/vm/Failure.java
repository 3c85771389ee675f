package io.uefivm.agent.vm;

import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a VM could not be started, as it is said in its status: a typed reason, and a message with the remedy. */
public final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient @Nullable NvramRequestStatus answer;

    public Failure(Reason reason, String message) {
        super(message);
        this.reason = reason;
        this.answer = null;
    }

    public Failure(Reason reason, String message, Throwable cause) {
        this(reason, message, cause, null);
    }

    private Failure(Reason reason, String message, @Nullable Throwable cause, @Nullable NvramRequestStatus answer) {
        super(message, cause);
        this.reason = reason;
        this.answer = answer;
    }

    /** The same, with what came of a request for the variable store before. */
    Failure answering(Optional<NvramRequestStatus> request) {
        return new Failure(reason, String.valueOf(getMessage()), getCause(), request.orElse(null));
    }

    public Reason reason() {
        return reason;
    }

    /** What came of a request for the variable store, as far as this start got; empty when it says nothing new. */
    Optional<NvramRequestStatus> answer() {
        return Optional.ofNullable(answer);
    }
}
