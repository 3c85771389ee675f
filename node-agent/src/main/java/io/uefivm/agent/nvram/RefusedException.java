package io.uefivm.agent.nvram;

/** A request that cannot be carried out; the message names the cause and what to ask for instead. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
