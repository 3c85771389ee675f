package io.uefivm.agent.nvram;

import java.util.List;
import java.util.Optional;

/** What became of the wish to prepare an epoch. */
public sealed interface Preparation {

    /**
     * The epoch has its own files, durable, and no domain has had them.
     *
     * @param files where they are
     * @param base generation that they were copied from
     * @param edited the variable store, and what was changed in it
     * @param rejected what is newer than the base and could not be used
     * @param dropped names of older generations and rejected state that went because of the limit
     * @param history generations that are kept, newest first
     * @param answer what came of the request; empty without one
     * @param recovered whether the VM does not continue from an orderly end: its base was found after a crash, or
     *     something newer was rejected
     */
    record Ready(
            EpochPaths files,
            Generation base,
            StoreEdit.Edited edited,
            List<Rejected> rejected,
            List<String> dropped,
            List<Kept> history,
            Optional<Answer> answer,
            boolean recovered)
            implements Preparation {
        /** The variable store. */
        public byte[] vars() {
            return edited.vars();
        }

        Ready keeping(List<Kept> generations, List<String> without) {
            return new Ready(
                    files, base, edited, rejected, List.copyOf(without), List.copyOf(generations), answer, recovered);
        }
    }

    /**
     * A domain of this epoch may have run: find it, or commit the epoch. It is never started again.
     *
     * @param files where its files are
     */
    record MayHaveRun(EpochPaths files) implements Preparation {}

    /** This epoch's state has been committed or rejected. It is never started again. */
    record Ended() implements Preparation {}

    /**
     * A later epoch has been here. A domain of this one must not run.
     *
     * @param newest the highest epoch that left a trace
     */
    record Stale(long newest) implements Preparation {}
}
