package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RunStrategy;

/** What a run strategy asks for. */
final class RunPolicy {
    private RunPolicy() {}

    /** Whether the VM should be running. */
    static boolean wants(RunStrategy strategy, boolean completed) {
        return switch (strategy) {
            case Always -> true;
            case RerunOnFailure, Once -> !completed;
            case Halted -> false;
        };
    }

    /** Whether this end fulfils the strategy. A domain that never ran fulfils none. */
    static boolean completes(RunStrategy strategy, End end) {
        return switch (strategy) {
            case Always, Halted -> false;
            case Once -> end.ran();
            case RerunOnFailure -> end.reason() == Reason.GuestShutdown;
        };
    }

    /** Whether a strategy was fulfilled stays on record only under a strategy that can be. */
    static boolean keepsRecord(RunStrategy strategy) {
        return strategy == RunStrategy.Once || strategy == RunStrategy.RerunOnFailure;
    }
}
