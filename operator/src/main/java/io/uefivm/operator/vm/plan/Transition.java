package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a change of status is worth telling as an event.
 *
 * @param warning a user should look at it
 */
public record Transition(Reason reason, String message, boolean warning) {
    private static final Set<Reason> EXPECTED = EnumSet.of(
            Reason.Scheduling,
            Reason.Starting,
            Reason.Running,
            Reason.Stopping,
            Reason.Halted,
            Reason.Completed,
            Reason.GuestShutdown,
            Reason.StopRequested);

    /** One event when readiness changes, or why, or with a new epoch; none for a write that only keeps numbers. */
    public static Optional<Transition> between(OperatorStatus before, OperatorStatus after) {
        Optional<Condition> ready = after.condition(ConditionType.Ready);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        Reason reason = Reason.valueOf(ready.get().getReason());
        boolean same = before.condition(ConditionType.Ready)
                .filter(was -> was.getStatus().equals(ready.get().getStatus())
                        && was.getReason().equals(reason.name()))
                .isPresent();
        boolean newEpoch = after.epoch() != null && !after.epoch().equals(before.epoch());
        return same && !newEpoch
                ? Optional.empty()
                : Optional.of(new Transition(reason, ready.get().getMessage(), !EXPECTED.contains(reason)));
    }
}
