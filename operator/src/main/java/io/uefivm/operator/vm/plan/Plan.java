package io.uefivm.operator.vm.plan;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The next step for a VM.
 *
 * @param status the operator's part of the status, to be written first and only if it differs
 * @param actions what to do then, in this order
 * @param again when to look again although nothing changed
 */
public record Plan(OperatorStatus status, List<Action> actions, Optional<Duration> again) {
    public Plan {
        actions = List.copyOf(actions);
    }

    static Plan of(OperatorStatus status, List<Action> actions) {
        return new Plan(status, actions, Optional.empty());
    }

    static Plan again(OperatorStatus status, List<Action> actions, Duration after) {
        return new Plan(status, actions, Optional.of(after));
    }
}
