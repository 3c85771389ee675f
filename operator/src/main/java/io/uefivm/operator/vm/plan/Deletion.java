package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.ReclaimPolicy;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.plan.Verdict.Truth;
import io.uefivm.operator.vm.pod.EraserPod;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A VM that is being deleted: first its guest ends, then its state goes where its reclaim policy says. */
public final class Deletion {
    private Deletion() {}

    /** Plans for the moment {@code now}; the VM may go when the plan says {@link Action.Release}. */
    public static Plan plan(Observation seen, Instant now) {
        Machine vm = seen.vm();
        OperatorStatus status = OperatorStatus.of(vm.status());
        Optional<PodView> eraser = seen.pods().stream()
                .filter(pod -> pod.name().equals(EraserPod.name(vm.uid())))
                .findFirst();
        List<PodView> guests = seen.pods().stream()
                .filter(pod -> !pod.name().equals(EraserPod.name(vm.uid())))
                .toList();
        if (!guests.isEmpty()) {
            return Plan.of(status.with(verdict(seen, guests), now), Pods.withDeletions(vm, List.of(), guests));
        }
        Erasure erasure = new Erasure(seen, status, now);
        if (erasure.isDue()) {
            return erasure.plan(eraser);
        }
        List<Action> actions = new ArrayList<>();
        eraser.ifPresent(pod -> actions.addAll(Pods.delete(vm, pod)));
        actions.addAll(farewell(seen));
        return Plan.of(status, actions);
    }

    private static Verdict verdict(Observation seen, List<PodView> guests) {
        String pods = Pods.names(guests);
        Verdict verdict = Verdict.under(
                Phase.Stopping,
                Reason.Stopping,
                "the VM is being deleted; the guest has " + seen.vm().spec().terminationGracePeriodSeconds()
                        + " s to shut down");
        Optional<HostView> silent = guests.stream()
                .flatMap(pod -> pod.nodeName().stream())
                .map(seen::host)
                .filter(host -> host.silence().isPresent())
                .findFirst();
        return silent.map(host -> Verdict.under(
                                Phase.Stopping,
                                host.silence().orElse(Reason.AgentUnavailable),
                                "the VM is being deleted, but node " + host.name() + ": "
                                        + host.message() + "; waiting until Kubernetes says that pod " + pods
                                        + " is gone: bring the node back, or if it is certain to be off, delete the Node"
                                        + " or taint it node.kubernetes.io/out-of-service")
                        .ready(Truth.Unknown))
                .orElse(verdict);
    }

    private static List<Action> farewell(Observation seen) {
        Machine vm = seen.vm();
        List<Action> actions = new ArrayList<>();
        String shared = vm.spec().nvram().sharedClaim();
        String own = NvramClaim.name(vm.uid());
        if (shared != null) {
            if (vm.epoch() > 0) {
                actions.add(new Action.Tell(
                        Reason.StateRetained,
                        "NVRAM and TPM state stay in folder uefivm/" + vm.uid() + " of PersistentVolumeClaim " + shared
                                + why(seen.claims().get(shared), vm)));
            }
        } else if (seen.claims().containsKey(own)) {
            if (vm.spec().nvram().reclaimPolicy() == ReclaimPolicy.Delete) {
                actions.add(new Action.DeleteClaim());
                actions.add(new Action.Tell(
                        Reason.StateDeleted, "PersistentVolumeClaim " + own + " with NVRAM and TPM state deleted"));
            } else {
                actions.add(new Action.Tell(
                        Reason.StateRetained, "PersistentVolumeClaim " + own + " keeps NVRAM and TPM state"));
            }
        }
        actions.add(new Action.Release());
        return actions;
    }

    /** Why the folder in a shared claim stays although it should go. */
    private static String why(@Nullable ClaimView claim, Machine vm) {
        if (vm.spec().nvram().reclaimPolicy() == ReclaimPolicy.Retain) {
            return "";
        }
        return claim == null ? ", which does not exist" : claim.lost() ? ", which is lost" : ", which is being deleted";
    }
}
