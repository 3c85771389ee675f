package io.uefivm.agent.vm;

import io.uefivm.api.v1alpha1.Reason;

/** Why a VM could not be started, as it is said in its status: a typed reason, and a message with the remedy. */
public final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public Failure(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Failure(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
