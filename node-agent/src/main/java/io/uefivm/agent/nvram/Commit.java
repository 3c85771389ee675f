package io.uefivm.agent.nvram;

import java.util.List;

/** What became of an epoch's state when its domain had ended. */
public sealed interface Commit {

    /**
     * It is in a generation, durable.
     *
     * @param generation the newest generation
     * @param vars its variable store
     * @param changed whether this epoch made the generation; false when its state equals the one it started from
     * @param history generations that are kept, newest first
     * @param dropped names of older generations and rejected state that went because of the limit
     */
    record Done(Generation generation, byte[] vars, boolean changed, List<Kept> history, List<String> dropped)
            implements Commit {
        Done keeping(List<Kept> generations, List<String> without) {
            return new Done(generation, vars, changed, List.copyOf(generations), List.copyOf(without));
        }
    }

    /**
     * It cannot be started from and was set aside; the next start uses what was committed before.
     *
     * @param state what is wrong and where it is kept
     */
    record Bad(Rejected state) implements Commit {}

    /** No domain of this epoch ever ran: there is nothing to commit. */
    record NeverStarted() implements Commit {}

    /**
     * A later epoch has been here: what this one wrote since then is nobody's base.
     *
     * @param newest the highest epoch that left a trace
     */
    record Stale(long newest) implements Commit {}
}
