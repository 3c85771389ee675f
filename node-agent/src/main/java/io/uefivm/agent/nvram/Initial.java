package io.uefivm.agent.nvram;

/**
 * The firmware that a start uses.
 *
 * @param vars its empty or enrolled variable store: what the very first start of a VM gets, and the size that every
 *     store of this firmware has
 * @param codeDigest digest of its code, recorded with the state
 * @param code what follows the variables in the epoch's own file, for a guest that has both in one flash image; empty for
 *     the variables alone. It is never committed: every epoch gets it anew
 */
public record Initial(byte[] vars, String codeDigest, byte[] code) {
    /** Firmware whose code the guest has from elsewhere. */
    public Initial(byte[] vars, String codeDigest) {
        this(vars, codeDigest, new byte[0]);
    }
}
