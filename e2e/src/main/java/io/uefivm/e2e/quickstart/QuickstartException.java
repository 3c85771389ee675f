package io.uefivm.e2e.quickstart;

/** The quickstart cannot go on; the message is for the user. */
final class QuickstartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QuickstartException(String message) {
        super(message);
    }
}
