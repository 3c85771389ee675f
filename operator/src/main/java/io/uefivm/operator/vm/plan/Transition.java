package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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

    /**
     * One event when readiness changes, or why, or with a new epoch, and one when something else waits for a restart; none
     * for a write that only keeps numbers.
     */
    public static List<Transition> between(OperatorStatus before, OperatorStatus after) {
        return Stream.of(ofReadiness(before, after), ofRestart(before, after))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Transition> ofRestart(OperatorStatus before, OperatorStatus after) {
        Optional<String> told = before.condition(ConditionType.RestartRequired).map(Condition::getMessage);
        return after.condition(ConditionType.RestartRequired)
                .filter(need -> !told.equals(Optional.of(need.getMessage())))
                .map(need -> new Transition(Reason.valueOf(need.getReason()), need.getMessage(), false));
    }

    private static Optional<Transition> ofReadiness(OperatorStatus before, OperatorStatus after) {
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
