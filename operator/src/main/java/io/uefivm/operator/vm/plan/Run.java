package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RunStrategy;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.plan.Verdict.Scheduled;
import io.uefivm.operator.vm.plan.Verdict.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An epoch that is under way and whose pod exists. */
final class Run {
    /** How long an agent has, after kubelet ended the pod's container, to say how the domain ended. */
    static final Duration REPORT_TIME = Duration.ofSeconds(30);

    /**
     * kube-scheduler says at once that a pod with a new claim fits nowhere, and a moment later, when the volume is bound,
     * it places the pod: what it says this early is not worth a write. Provisioning and binding take some seconds on a busy
     * cluster.
     */
    private static final Duration VOLUMES_TIME = Duration.ofSeconds(6);

    /**
     * The same where the message speaks of nothing but the volume: when many VMs are made at once, their provisioner takes
     * longer. The text is that of kube-scheduler's plugin VolumeBinding.
     */
    private static final Duration PROVISIONING_TIME = Duration.ofSeconds(30);

    private static final String UNBOUND = "pod has unbound immediate PersistentVolumeClaims";

    private final Observation seen;
    private final Machine vm;
    private final OperatorStatus status;
    private final Instant now;

    Run(Observation seen, OperatorStatus status, Instant now) {
        this.seen = seen;
        this.vm = seen.vm();
        this.status = status;
        this.now = now;
    }

    Plan with(PodView pod) {
        Optional<DomainStatus> over = vm.domain().filter(Run::isOver);
        if (over.isPresent()) {
            boolean expected = over.get().state() == DomainState.Stopped && pod.deleting();
            if (expected && vm.status().phase() == Phase.Stopping) {
                // That it stops is said already; how it stopped is said when the pod is gone.
                return Plan.of(status, List.of());
            }
            return plan(pod, ending(pod, over.get()), Pods.delete(vm, pod));
        }
        if (pod.ended().isPresent()) {
            // Of a pod that was never admitted no agent has anything to report.
            return pod.refused() && vm.domain().isEmpty()
                    ? new Close(seen, status, now).afterPodIsOver(pod)
                    : unreported(pod, pod.ended().get());
        }
        if (pod.deleting()) {
            return plan(pod, stopping(pod), List.of());
        }
        if (!RunPolicy.wants(vm.spec().runStrategy(), status.completed())) {
            return plan(pod, stopping(pod), Pods.delete(vm, pod));
        }
        if (pod.nodeName().isPresent()) {
            return plan(pod, placed(pod, pod.nodeName().get()), List.of());
        }
        Duration early = patience(pod).minus(waited());
        if (pod.unschedulable().isPresent() && !early.isNegative() && !early.isZero()) {
            Plan plan = plan(pod, scheduling(vm.epoch(), pod.name()), List.of());
            return Plan.again(plan.status(), plan.actions(), early);
        }
        return plan(pod, waiting(pod), List.of());
    }

    private static Duration patience(PodView pod) {
        return pod.unschedulable().filter(message -> message.contains(UNBOUND)).isPresent()
                ? PROVISIONING_TIME
                : VOLUMES_TIME;
    }

    /** Since when it has been said that kube-scheduler is awaited; long when nothing is said of it. */
    private Duration waited() {
        return vm.status()
                .condition(ConditionType.Scheduled)
                .filter(condition -> "Unknown".equals(condition.getStatus()))
                .map(condition -> Duration.between(Instant.parse(condition.getLastTransitionTime()), now))
                .orElse(PROVISIONING_TIME);
    }

    private static boolean isOver(DomainStatus domain) {
        return domain.state() == DomainState.Stopped || domain.state() == DomainState.Failed;
    }

    private Plan plan(PodView pod, Verdict verdict, List<Action> actions) {
        Verdict scheduled = pod.nodeName().map(verdict::onNode).orElse(verdict);
        Verdict whole = scheduled.restart(runs(pod) ? RestartNeed.of(vm, pod) : Optional.empty());
        return Plan.of(status.on(pod.nodeName().orElse(null)).with(whole, now), actions);
    }

    /** A domain that is on its way down takes in the spec anyhow, at the next start. */
    private boolean runs(PodView pod) {
        return !pod.deleting()
                && RunPolicy.wants(vm.spec().runStrategy(), status.completed())
                && vm.domain()
                        .filter(d -> d.state() == DomainState.Running || d.state() == DomainState.Paused)
                        .isPresent();
    }

    private Verdict ending(PodView pod, DomainStatus domain) {
        String text = End.text(domain);
        if (domain.state() == DomainState.Stopped) {
            return Verdict.under(Phase.Stopping, domain.reason(), text);
        }
        // A failure that speaks of an older spec is no reason not to try the new one.
        boolean stalled = Ends.isPermanent(domain.reason()) && pod.generation() == vm.generation();
        return stalled
                ? Verdict.stalled(Phase.Failed, domain.reason(), text)
                : Verdict.under(Phase.Pending, domain.reason(), text);
    }

    /** The pod is over, and the agent has not said what became of the domain: it gets some time for that. */
    private Plan unreported(PodView pod, Instant ended) {
        Instant due = ended.plus(REPORT_TIME);
        if (!now.isBefore(due)) {
            return new Close(seen, status, now).afterPodIsOver(pod);
        }
        Verdict verdict = Verdict.under(
                Phase.Stopping,
                Reason.Stopping,
                "pod " + pod.name() + " is over; waiting for the node agent to say how the domain ended");
        Plan plan = plan(pod, verdict, List.of());
        return Plan.again(plan.status(), plan.actions(), Duration.between(now, due));
    }

    private Verdict stopping(PodView pod) {
        Optional<HostView> silent =
                pod.nodeName().map(seen::host).filter(h -> h.silence().isPresent());
        if (silent.isPresent()) {
            return silence(
                    Phase.Stopping,
                    silent.get(),
                    "; pod " + pod.name() + " is being deleted, and nothing is started elsewhere before Kubernetes says"
                            + " that it is gone: bring the node back, or if it is certain to be off, delete the Node or"
                            + " taint it node.kubernetes.io/out-of-service");
        }
        String cause = vm.spec().runStrategy() == RunStrategy.Halted
                ? "runStrategy is Halted"
                : "pod " + pod.name() + " is being deleted";
        return Verdict.under(
                Phase.Stopping,
                Reason.Stopping,
                cause + "; the guest has " + vm.spec().terminationGracePeriodSeconds() + " s to shut down");
    }

    private Verdict waiting(PodView pod) {
        return pod.unschedulable()
                .map(message -> Verdict.under(Phase.Scheduling, Reason.Unschedulable, message)
                        .scheduled(new Scheduled(Truth.False, Reason.Unschedulable, message)))
                .orElseGet(() -> scheduling(vm.epoch(), pod.name()));
    }

    /** The pod of an epoch was made and has no node yet. */
    static Verdict scheduling(long epoch, String podName) {
        String message = "epoch " + epoch + ": waiting for kube-scheduler to place pod " + podName;
        return Verdict.starting(Phase.Scheduling, Reason.Scheduling, message)
                .scheduled(new Scheduled(Truth.Unknown, Reason.Scheduling, message));
    }

    private Verdict placed(PodView pod, String node) {
        HostView host = seen.host(node);
        Optional<DomainStatus> domain = vm.domain();
        Phase phase = domain.map(d -> phase(d.state())).orElse(Phase.Starting);
        if (host.silence().isPresent()) {
            return silence(phase, host, "");
        }
        if (domain.isEmpty()) {
            return pod.trouble()
                    .map(trouble -> Verdict.under(phase, Reason.PodFailed, trouble))
                    .orElseGet(() -> Verdict.starting(
                            phase, Reason.Starting, "the node agent of " + node + " starts epoch " + vm.epoch()));
        }
        String where = " on node " + node + ", epoch " + vm.epoch();
        return switch (domain.get().state()) {
            case Running ->
                bootBlocked()
                        .map(message -> Verdict.stalled(phase, Reason.BootBlocked, message))
                        .orElseGet(() -> Verdict.settled(phase, Reason.Running, "running" + where));
            case Paused -> Verdict.under(phase, Reason.Paused, "paused" + where + ": " + End.text(domain.get()));
            default -> Verdict.under(phase, Reason.Stopping, "the guest is shutting down" + where);
        };
    }

    /** The domain runs, and its firmware has nothing that it may start: to a user that is not running. */
    private Optional<String> bootBlocked() {
        return vm.status()
                .condition(ConditionType.SecureBootEnforcing)
                .filter(condition -> Reason.BootBlocked.name().equals(condition.getReason()))
                .map(Condition::getMessage);
    }

    private static Phase phase(DomainState state) {
        return switch (state) {
            case Running -> Phase.Running;
            case Paused -> Phase.Paused;
            case Stopping, Stopped, Failed -> Phase.Stopping;
        };
    }

    private static Verdict silence(Phase phase, HostView host, String what) {
        return Verdict.under(
                        phase,
                        host.silence().orElse(Reason.AgentUnavailable),
                        "node " + host.name() + ": " + host.message() + what)
                .ready(Truth.Unknown);
    }
}
