package io.uefivm.agent.nvram;

/** State that is there and cannot be used. */
final class CorruptException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String defect;

    CorruptException(String defect) {
        super(defect);
        this.defect = defect;
    }

    /** What is wrong with it, for people. */
    String defect() {
        return defect;
    }
}
