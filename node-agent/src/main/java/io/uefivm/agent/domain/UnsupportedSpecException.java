package io.uefivm.agent.domain;

/**
 * The spec asks for something that libvirt cannot do. Trying again is of no use until the spec changes; the message
 * names the field, the cause and the remedy.
 */
public final class UnsupportedSpecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;

    UnsupportedSpecException(String field, String causeAndRemedy) {
        super(field + ": " + causeAndRemedy);
        this.field = field;
    }

    /** The field of the VM, for example {@code spec.disks[root].bus}. */
    public String field() {
        return field;
    }
}
