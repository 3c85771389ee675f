package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.RunStrategy;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the next step for a VM that is not being deleted:
 *
 * <table>
 *   <caption>who decides</caption>
 *   <tr><th>epoch</th><th>pods</th><th></th></tr>
 *   <tr><td>any</td><td>some of other epochs</td><td>they are deleted first</td></tr>
 *   <tr><td>over ({@code podName} empty)</td><td>none</td><td>{@link Rest}: start, wait or stay</td></tr>
 *   <tr><td>under way</td><td>its pod</td><td>{@link Run}: follow the pod and the domain</td></tr>
 *   <tr><td>under way</td><td>none</td><td>{@link Close}: record the end, then start, wait or stay</td></tr>
 * </table>
 */
public final class Planner {
    private Planner() {}

    /** Plans for the moment {@code now}. */
    public static Plan plan(Observation seen, Instant now) {
        OperatorStatus status = carriedOver(seen);
        Optional<PodView> own = seen.pods().stream()
                .filter(pod -> pod.name().equals(status.podName())
                        && pod.epoch() == seen.vm().epoch())
                .findFirst();
        List<PodView> others = seen.pods().stream()
                .filter(pod -> own.isEmpty() || !pod.uid().equals(own.get().uid()))
                .toList();
        if (own.isPresent()) {
            Plan plan = new Run(seen, status, now).with(own.get());
            return new Plan(plan.status(), Pods.withDeletions(seen.vm(), plan.actions(), others), plan.again());
        }
        if (!others.isEmpty()) {
            // Their domains may still run; only Kubernetes knows when they cannot any more.
            OperatorStatus waiting = status.podName() == null
                    ? new Rest(seen, status, now).waitFor(others)
                    : status.with(Rest.waitingFor(others), now);
            return Plan.of(waiting, Pods.withDeletions(seen.vm(), List.of(), others));
        }
        return status.podName() == null
                ? new Rest(seen, status, now).next()
                : new Close(seen, status, now).afterPodIsGone();
    }

    /** Plans for a pod or claim that the API server refused to create in this epoch. */
    public static Plan afterRejection(Observation seen, Rejection rejection, Instant now) {
        return new Close(seen, carriedOver(seen), now).afterRejection(rejection);
    }

    /** The status so far, less what the spec no longer lets stand. */
    private static OperatorStatus carriedOver(Observation seen) {
        Machine vm = seen.vm();
        OperatorStatus before = OperatorStatus.of(vm.status());
        boolean specChanged = before.observedGeneration() != null && before.observedGeneration() != vm.generation();
        RunStrategy strategy = vm.spec().runStrategy();
        OperatorStatus after = before.observed(vm.generation(), Identities.of(vm), seen.expandedDisks());
        if (!RunPolicy.keepsRecord(strategy)) {
            after = after.completed(false);
        }
        // Whoever edits the spec wants to see now whether that helped.
        return specChanged || strategy == RunStrategy.Halted ? after.failures(0, null) : after;
    }
}
