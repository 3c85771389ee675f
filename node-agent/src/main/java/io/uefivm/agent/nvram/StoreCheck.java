package io.uefivm.agent.nvram;

import java.util.Optional;

/** Says whether the bytes of a variable store can be started from. */
@FunctionalInterface
public interface StoreCheck {

    Verdict check(byte[] vars);

    sealed interface Verdict {}

    /**
     * It can.
     *
     * @param vars the store to use: the same bytes, or what the firmware itself would make of them at its next start
     * @param repair what was done to the bytes, for example that a pending write was replayed
     */
    record Good(byte[] vars, Optional<String> repair) implements Verdict {}

    /** @param reason what is wrong and where, for people */
    record Bad(String reason) implements Verdict {}
}
