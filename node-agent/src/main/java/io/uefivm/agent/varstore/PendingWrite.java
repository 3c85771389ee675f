package io.uefivm.agent.varstore;

/** What a store says about a write of the whole store that the firmware may not have finished. */
public enum PendingWrite {
    /** There is none. */
    NONE,
    /** It was whole in the spare block, and what is read here is its result, as the firmware would make it. */
    REPLAYED,
    /** It had not become whole in the spare block, and the store from before it is read, as the firmware would. */
    ABANDONED
}
