package io.uefivm.api.v1alpha1;

/** The kinds of firmware that a VM can ask for and a node be labelled with. */
public enum FirmwareKind {
    /** Enforces Secure Boot, with its variables protected by System Management Mode. */
    SECURE_BOOT("secure-boot"),
    /** UEFI without Secure Boot. */
    PLAIN("plain");

    private final String label;

    FirmwareKind(String label) {
        this.label = label;
    }

    /** The Node label (see {@link Api#LABEL_NODE_FIRMWARE_PREFIX}) that says that the node offers this kind. */
    public String nodeLabel() {
        return Api.LABEL_NODE_FIRMWARE_PREFIX + label;
    }

    /**
     * The Node label that says that the node offers this kind for variable stores of a size.
     *
     * @param varsSize bytes
     */
    public String nodeLabel(long varsSize) {
        return nodeLabel() + "-" + varsSize;
    }

    /** The kind that a mode of Secure Boot needs. */
    public static FirmwareKind of(SecureBootMode mode) {
        return mode == SecureBootMode.Disabled ? PLAIN : SECURE_BOOT;
    }
}
