package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The end of an epoch. What follows from it - failures, back-off, whether the strategy is fulfilled - is recorded in the
 * one write that also takes the pod's name out of status, so that it is counted once, whoever restarts when.
 */
final class Close {
    private final Observation seen;
    private final Machine vm;
    private final OperatorStatus status;
    private final Instant now;

    Close(Observation seen, OperatorStatus status, Instant now) {
        this.seen = seen;
        this.vm = seen.vm();
        this.status = status;
        this.now = now;
    }

    Plan afterPodIsGone() {
        return after(End.of(vm.domain(), Optional.empty(), now), List.of());
    }

    /** The pod is over for long enough; it is deleted, and the next start waits until it is gone. */
    Plan afterPodIsOver(PodView pod) {
        Optional<String> trouble = Optional.of(pod.trouble().orElse("its container ended"));
        return after(End.of(vm.domain(), trouble, now), Pods.delete(vm, pod));
    }

    Plan afterRejection(Rejection rejection) {
        End end = new End(rejection.reason(), rejection.message(), false, false, now, Duration.ZERO);
        return after(end, List.of());
    }

    private Plan after(End end, List<Action> podDeletion) {
        boolean completed = status.completed() || RunPolicy.completes(vm.spec().runStrategy(), end);
        OperatorStatus over = status.completed(completed);
        if (!RunPolicy.wants(vm.spec().runStrategy(), completed)) {
            Plan rest = new Rest(seen, over.failures(0, null), now).stay();
            return Plan.of(rest.status(), podDeletion);
        }
        if (stalls(end)) {
            // The cause may lie in a claim or on a host, which Kubernetes shows nothing of: now and then it is tried.
            @Nullable
            Instant next = Ends.isOfSpecAlone(end.reason()) ? null : end.at().plus(BackOff.LONGEST);
            Verdict verdict = Verdict.stalled(Phase.Failed, end.reason(), end.message());
            return waiting(over.failures(status.failures() + 1, next), verdict, podDeletion);
        }
        int failures = specChanged() ? 0 : BackOff.failuresAfter(status.failures(), end);
        Instant next = BackOff.nextStart(failures, end);
        if (now.isBefore(next) || !podDeletion.isEmpty()) {
            String message = end.message() + "; next start at " + rounded(next);
            return waiting(
                    over.failures(failures, next),
                    Verdict.under(Phase.Pending, Reason.BackOff, end.reason() + ": " + message),
                    podDeletion);
        }
        return new Rest(seen, over.failures(failures, null), now).start();
    }

    private static Instant rounded(Instant time) {
        return Instant.ofEpochSecond(time.getEpochSecond());
    }

    /** While the pod could still be seen it was found whether the failure speaks of the spec as it is now. */
    private boolean stalls(End end) {
        return Ends.isPermanent(end.reason())
                && !end.ran()
                && !specChanged()
                && status.condition(ConditionType.Stalled).isPresent();
    }

    private boolean specChanged() {
        Long observed = vm.status().observedGeneration();
        return observed != null && observed != vm.generation();
    }

    private Plan waiting(OperatorStatus over, Verdict verdict, List<Action> actions) {
        OperatorStatus closed = over.closed().with(verdict, now);
        return closed.nextStart() == null
                ? Plan.of(closed, actions)
                : Plan.again(closed, actions, Duration.between(now, closed.nextStart()));
    }
}
