package io.uefivm.agent.nvram;

/** Puts a part of one variable store, or all of it, into another. */
@FunctionalInterface
public interface StoreTransfer {

    /**
     * The store with what is taken of the other one.
     *
     * @param store has the size of the result
     * @param from is only read
     * @throws RefusedException when it does not fit
     */
    byte[] apply(byte[] store, byte[] from) throws RefusedException;
}
