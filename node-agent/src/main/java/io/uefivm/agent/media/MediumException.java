package io.uefivm.agent.media;

/** Why a medium cannot be made; the message names field, cause and remedy, and never the content. */
public final class MediumException extends Exception {
    private static final long serialVersionUID = 1L;

    MediumException(String message) {
        super(message);
    }
}
