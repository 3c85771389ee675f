package io.uefivm.agent.declared;

import io.uefivm.api.v1alpha1.Reason;

/** Why what a spec declares cannot be had: the message names field, object, key, cause and remedy, and never the content. */
public final class DeclarationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    DeclarationException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** KeyMaterialMissing or KeyMaterialInvalid. */
    public Reason reason() {
        return reason;
    }

    /** What is wrong and what to do; there always is one. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
