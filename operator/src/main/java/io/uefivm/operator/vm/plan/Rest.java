package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RunStrategy;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.pod.NvramClaim;
import io.uefivm.operator.vm.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A VM of which nothing is under way: it starts, waits for the time or the means to start, or stays as it is. */
final class Rest {
    private final Observation seen;
    private final Machine vm;
    private final OperatorStatus status;
    private final Instant now;

    Rest(Observation seen, OperatorStatus status, Instant now) {
        this.seen = seen;
        this.vm = seen.vm();
        this.status = status.closed();
        this.now = now;
    }

    Plan next() {
        if (!RunPolicy.wants(vm.spec().runStrategy(), status.completed())) {
            return stay();
        }
        if (isStalledBySpec()) {
            return Plan.of(status, List.of());
        }
        if (status.nextStart() != null && now.isBefore(status.nextStart())) {
            return Plan.again(status, List.of(), Duration.between(now, status.nextStart()));
        }
        return start();
    }

    /** Pods of earlier epochs are still there. What is said of a back-off or a failure meanwhile stays said. */
    OperatorStatus waitFor(List<PodView> pods) {
        if (status.nextStart() != null || isStalledBySpec()) {
            return status;
        }
        boolean nothingRuns = pods.stream().allMatch(pod -> pod.ended().isPresent());
        if (nothingRuns && !RunPolicy.wants(vm.spec().runStrategy(), status.completed())) {
            return stay().status();
        }
        return status.with(waitingFor(pods), now);
    }

    static Verdict waitingFor(List<PodView> pods) {
        return Verdict.under(Phase.Stopping, Reason.Stopping, "waiting until pod " + Pods.names(pods) + " is gone");
    }

    /** The back-off of a spec that cannot work has no end; a change of the spec ends it, as it ends any back-off. */
    private boolean isStalledBySpec() {
        return stalledReason().filter(Ends::isOfSpecAlone).isPresent()
                && vm.status().observedGeneration() != null
                && vm.status().observedGeneration() == vm.generation();
    }

    private Optional<Reason> stalledReason() {
        return status.condition(ConditionType.Stalled)
                .map(Condition::getReason)
                .flatMap(name -> List.of(Reason.values()).stream()
                        .filter(reason -> reason.name().equals(name))
                        .findFirst());
    }

    Plan stay() {
        return Plan.of(status.with(atRest(), now), List.of());
    }

    private Verdict atRest() {
        if (vm.spec().runStrategy() == RunStrategy.Halted) {
            return Verdict.settled(Phase.Stopped, Reason.Halted, "not running, as runStrategy Halted asks");
        }
        Reason reason = vm.domain()
                .filter(domain -> domain.state() == DomainState.Stopped)
                .map(domain -> domain.reason())
                .orElse(Reason.DomainLost);
        String again = "; runStrategy " + vm.spec().runStrategy()
                + " does not start it again: set it to Halted and back, or to Always";
        return Ends.isOrderly(reason)
                ? Verdict.settled(Phase.Stopped, Reason.Completed, Ends.describe(reason) + again)
                : Verdict.stalled(Phase.Failed, reason, Ends.describe(reason) + again);
    }

    Plan start() {
        Optional<Preflight.Obstacle> obstacle = Preflight.check(seen);
        if (obstacle.isPresent()) {
            Verdict verdict = Verdict.stalled(
                    Phase.Pending, obstacle.get().reason(), obstacle.get().message());
            return Plan.of(status.failures(status.failures(), null).with(verdict, now), List.of());
        }
        long epoch = vm.epoch() + 1;
        String pod = PodName.of(vm.name(), epoch);
        List<Action> actions = new ArrayList<>();
        if (vm.spec().keepsState()
                && vm.spec().nvram().sharedClaim() == null
                && !seen.claims().containsKey(NvramClaim.name(vm.uid()))) {
            actions.add(new Action.CreateClaim());
        }
        actions.add(new Action.CreatePod(epoch, pod));
        return Plan.of(status.raised(epoch, pod).with(Run.scheduling(epoch, pod), now), actions);
    }
}
