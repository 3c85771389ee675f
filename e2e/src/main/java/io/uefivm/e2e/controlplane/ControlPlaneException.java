package io.uefivm.e2e.controlplane;

/** A control plane cannot be had; the message says what is missing and what to do. */
public final class ControlPlaneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ControlPlaneException(String message) {
        super(message);
    }

    ControlPlaneException(String message, Throwable cause) {
        super(message, cause);
    }
}
