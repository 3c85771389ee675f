package io.uefivm.agent.domain;

/** What executes the guest's instructions. */
public enum Accelerator {
    KVM("kvm", "kvm"),
    /** Emulation: works everywhere and is slow. */
    TCG("qemu", "tcg");

    private final String domainType;
    private final String label;

    Accelerator(String domainType, String label) {
        this.domainType = domainType;
        this.label = label;
    }

    /** The {@code type} attribute of libvirt's domain element. */
    public String domainType() {
        return domainType;
    }

    /** How it is named in status and Node labels. */
    public String label() {
        return label;
    }
}
