package io.uefivm.agent.nvram;

/** Puts the Secure Boot keys of one variable store into another. */
@FunctionalInterface
public interface KeyTransfer {

    /**
     * The store with exactly the keys of the other one.
     *
     * @throws RefusedException when they do not fit
     */
    byte[] apply(byte[] store, byte[] keys) throws RefusedException;
}
