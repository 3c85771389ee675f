package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.ExpandedDisk;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operator's own part of a VM's status: what it applies, and nothing of the agent's. A field that is null is taken
 * out of the object.
 *
 * @param podName the pod of the epoch that is under way; null once the epoch is over and all that follows from its end
 *     is recorded
 */
public record OperatorStatus(
        @Nullable Long observedGeneration,
        @Nullable Phase phase,
        @Nullable String nodeName,
        @Nullable Long epoch,
        @Nullable String podName,
        @Nullable Identity identity,
        List<ExpandedDisk> expandedDisks,
        int failures,
        @Nullable Instant nextStart,
        boolean completed,
        List<Condition> conditions) {

    private static final Set<String> OWN_CONDITIONS = Set.of(
            ConditionType.Ready.name(),
            ConditionType.Reconciling.name(),
            ConditionType.Stalled.name(),
            ConditionType.Scheduled.name(),
            ConditionType.RestartRequired.name());

    public OperatorStatus {
        conditions = Conditions.inOrder(conditions);
        expandedDisks = List.copyOf(expandedDisks);
    }

    /** The operator's part of a status that was read. */
    public static OperatorStatus of(UefiVirtualMachineStatus status) {
        return new OperatorStatus(
                status.observedGeneration(),
                status.phase(),
                status.nodeName(),
                status.epoch(),
                status.podName(),
                status.identity(),
                status.expandedDisks(),
                status.failures() == null ? 0 : status.failures(),
                status.nextStartTime() == null ? null : Instant.parse(status.nextStartTime()),
                Boolean.TRUE.equals(status.completed()),
                status.conditions().stream()
                        .filter(condition -> OWN_CONDITIONS.contains(condition.getType()))
                        .toList());
    }

    /** What to apply. */
    public UefiVirtualMachineStatus toStatus() {
        return new UefiVirtualMachineStatus(
                observedGeneration,
                phase,
                nodeName,
                epoch,
                podName,
                identity,
                expandedDisks,
                failures == 0 ? null : failures,
                nextStart == null ? null : nextStart.toString(),
                completed ? true : null,
                null,
                null,
                null,
                null,
                null,
                conditions);
    }

    public Optional<Condition> condition(ConditionType type) {
        return conditions.stream()
                .filter(condition -> type.name().equals(condition.getType()))
                .findFirst();
    }

    /** The epoch is over: no pod, no node. */
    OperatorStatus closed() {
        return new OperatorStatus(
                observedGeneration,
                phase,
                null,
                epoch,
                null,
                identity,
                expandedDisks,
                failures,
                nextStart,
                completed,
                conditions);
    }

    OperatorStatus raised(long newEpoch, String newPodName) {
        return new OperatorStatus(
                observedGeneration,
                phase,
                null,
                newEpoch,
                newPodName,
                identity,
                expandedDisks,
                failures,
                null,
                completed,
                conditions);
    }

    OperatorStatus on(@Nullable String node) {
        return new OperatorStatus(
                observedGeneration,
                phase,
                node,
                epoch,
                podName,
                identity,
                expandedDisks,
                failures,
                nextStart,
                completed,
                conditions);
    }

    OperatorStatus observed(long generation, Identity derived, List<ExpandedDisk> expanded) {
        return new OperatorStatus(
                generation,
                phase,
                nodeName,
                epoch,
                podName,
                derived,
                expanded,
                failures,
                nextStart,
                completed,
                conditions);
    }

    OperatorStatus completed(boolean isCompleted) {
        return new OperatorStatus(
                observedGeneration,
                phase,
                nodeName,
                epoch,
                podName,
                identity,
                expandedDisks,
                failures,
                nextStart,
                isCompleted,
                conditions);
    }

    OperatorStatus failures(int count, @Nullable Instant next) {
        Instant rounded = next == null ? null : next.truncatedTo(ChronoUnit.SECONDS);
        return new OperatorStatus(
                observedGeneration,
                phase,
                nodeName,
                epoch,
                podName,
                identity,
                expandedDisks,
                count,
                rounded,
                completed,
                conditions);
    }

    /** Phase and conditions as the verdict says; times of conditions that stay as they are are kept. */
    OperatorStatus with(Verdict verdict, Instant now) {
        return new OperatorStatus(
                observedGeneration,
                verdict.phase(),
                nodeName,
                epoch,
                podName,
                identity,
                expandedDisks,
                failures,
                nextStart,
                completed,
                verdict.conditions(conditions, observedGeneration, now));
    }
}
