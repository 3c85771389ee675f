package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.ReclaimPolicy;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.pod.EraserPod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The end of a VM whose state is in a claim that others use too, under reclaim policy {@code Delete}: a pod mounts the
 * claim, the agent of its node erases the VM's folder and ends the pod. The VM stays until then, however long it takes; who
 * does not want to wait sets the policy to {@code Retain}.
 */
final class Erasure {
    /** Between two tries at what the API server or kubelet refused. */
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private static final String WAY_OUT =
            "; to let the VM go and leave its state, set spec.nvram.reclaimPolicy to Retain";

    private final Observation seen;
    private final Machine vm;
    private final OperatorStatus status;
    private final Instant now;

    Erasure(Observation seen, OperatorStatus status, Instant now) {
        this.seen = seen;
        this.vm = seen.vm();
        this.status = status;
        this.now = now;
    }

    /** Whether there can be something to erase, and a claim to erase it from. */
    boolean isDue() {
        String shared = vm.spec().nvram().sharedClaim();
        ClaimView claim = shared == null ? null : seen.claims().get(shared);
        return claim != null
                && !claim.lost()
                && !claim.deleting()
                && vm.spec().nvram().reclaimPolicy() == ReclaimPolicy.Delete
                && vm.epoch() > 0;
    }

    /** Plans, once no guest's pod is left. */
    Plan plan(Optional<PodView> eraser) {
        if (eraser.isEmpty()) {
            return Plan.again(
                    status.with(waiting(Reason.Stopping, ""), now), List.of(new Action.CreateEraser()), AGAIN);
        }
        PodView pod = eraser.get();
        if (pod.ended().isEmpty() || pod.deleting()) {
            return Plan.of(status.with(underWay(pod), now), List.of());
        }
        if (pod.trouble().isPresent()) {
            return afterFailure(pod, pod.trouble().get());
        }
        List<Action> actions = new ArrayList<>(Pods.delete(vm, pod));
        actions.add(new Action.Tell(
                Reason.StateDeleted,
                "folder uefivm/" + vm.uid() + " with NVRAM and TPM state erased from PersistentVolumeClaim "
                        + vm.spec().nvram().sharedClaim()));
        actions.add(new Action.Release());
        return Plan.of(status, actions);
    }

    /** A node that refuses pods would refuse the next one as quickly. */
    private Plan afterFailure(PodView pod, String trouble) {
        Instant next = pod.ended().orElse(now).plus(AGAIN);
        OperatorStatus said = status.with(waiting(Reason.PodFailed, " failed and is made again: " + trouble), now);
        return now.isBefore(next)
                ? Plan.again(said, List.of(), Duration.between(now, next))
                : Plan.of(said, Pods.delete(vm, pod));
    }

    private Verdict underWay(PodView pod) {
        if (pod.unschedulable().isPresent()) {
            return waiting(
                    Reason.Unschedulable, " has no node: " + pod.unschedulable().get());
        }
        if (pod.trouble().isPresent()) {
            return waiting(Reason.PodFailed, ": " + pod.trouble().get());
        }
        Optional<HostView> silent =
                pod.nodeName().map(seen::host).filter(host -> host.silence().isPresent());
        return silent.map(host -> waiting(
                        host.silence().orElse(Reason.AgentUnavailable),
                        " is on node " + host.name() + ": " + host.message()))
                .orElseGet(() -> waiting(Reason.Stopping, ""));
    }

    private Verdict waiting(Reason reason, String what) {
        return Verdict.under(
                Phase.Stopping,
                reason,
                "the VM is being deleted; pod " + EraserPod.name(vm.uid()) + ", in which its folder is erased from"
                        + " PersistentVolumeClaim " + vm.spec().nvram().sharedClaim()
                        + (what.isEmpty() ? ", is under way" : what) + WAY_OUT);
    }
}
