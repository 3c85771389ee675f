package io.uefivm.operator.vm;

import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.operator.metrics.OperatorMetrics;
import io.uefivm.operator.vm.model.FirmwareRollout;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.plan.Action;
import io.uefivm.operator.vm.plan.Deletion;
import io.uefivm.operator.vm.plan.OperatorStatus;
import io.uefivm.operator.vm.plan.Plan;
import io.uefivm.operator.vm.plan.Planner;
import io.uefivm.operator.vm.plan.Rejection;
import io.uefivm.operator.vm.plan.Transition;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles a VM: observe, plan, write status if it differs, act. The agents' status writes are events too, hence
 * {@code generationAwareEventProcessing} is off; a reconcile that changes nothing reads caches only.
 */
@ControllerConfiguration(
        name = "uefivirtualmachine",
        finalizerName = VirtualMachineReconciler.FINALIZER,
        fieldManager = Api.OPERATOR_FIELD_MANAGER,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
public final class VirtualMachineReconciler implements Reconciler<UefiVirtualMachine>, Cleaner<UefiVirtualMachine> {
    /** Keeps a VM until its guest has ended and its state has gone where its reclaim policy says. */
    public static final String FINALIZER = "uefivm.io/operator";

    private static final Logger LOG = LoggerFactory.getLogger(VirtualMachineReconciler.class);
    /** Somebody else wrote first; the event of that is on its way, this is only in case it came already. */
    private static final Duration AFTER_CONFLICT = Duration.ofSeconds(1);

    private final EventRecorder events;
    private final OperatorMetrics metrics;
    private final StatusWriter writer;
    private final String holdImage;
    private final Optional<FirmwareRollout> rollout;
    private final Clock clock;
    private Optional<Parts> parts = Optional.empty();

    /** What needs the caches of a running controller. */
    private record Parts(ClusterView view, Actor actor) {}

    /**
     * A reconciler.
     *
     * @param holdImage image of the VM pods' container
     * @param rollout policy on who takes new firmware first; empty without one
     */
    public VirtualMachineReconciler(
            EventRecorder events,
            OperatorMetrics metrics,
            String holdImage,
            Optional<FirmwareRollout> rollout,
            Clock clock) {
        this.events = events;
        this.metrics = metrics;
        this.writer = new StatusWriter(metrics);
        this.holdImage = holdImage;
        this.rollout = rollout;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, UefiVirtualMachine>> prepareEventSources(
            EventSourceContext<UefiVirtualMachine> context) {
        ClusterView view = new ClusterView(context, rollout);
        Actor actor = new Actor(context.getClient(), view, events, metrics, holdImage, clock);
        parts = Optional.of(new Parts(view, actor));
        metrics.showMachines(() -> context.getPrimaryCache().list(vm -> true));
        return view.sources();
    }

    @Override
    public UpdateControl<UefiVirtualMachine> reconcile(UefiVirtualMachine vm, Context<UefiVirtualMachine> context) {
        Observation seen = parts.orElseThrow().view().observe(vm);
        Plan plan = Planner.plan(seen, clock.instant());
        Optional<Duration> again = carryOut(vm, seen, plan, context);
        UpdateControl<UefiVirtualMachine> control = UpdateControl.noUpdate();
        again.ifPresent(after -> control.rescheduleAfter(after.toMillis() + 1));
        return control;
    }

    @Override
    public DeleteControl cleanup(UefiVirtualMachine vm, Context<UefiVirtualMachine> context) {
        Observation seen = parts.orElseThrow().view().observe(vm);
        Plan plan = Deletion.plan(seen, clock.instant());
        Optional<Duration> again = carryOut(vm, seen, plan, context);
        if (plan.actions().stream().anyMatch(Action.Release.class::isInstance)) {
            return DeleteControl.defaultDelete();
        }
        DeleteControl control = DeleteControl.noFinalizerRemoval();
        again.ifPresent(after -> control.rescheduleAfter(after.toMillis() + 1));
        return control;
    }

    /** Status first: it holds the lock, and what is not recorded is not done. Returns when to look again. */
    private Optional<Duration> carryOut(
            UefiVirtualMachine vm, Observation seen, Plan plan, Context<UefiVirtualMachine> context) {
        OperatorStatus before = OperatorStatus.of(ClusterView.status(vm));
        UefiVirtualMachine now = vm;
        if (!plan.status().equals(before)) {
            Optional<UefiVirtualMachine> written = writer.write(vm, plan.status(), context);
            if (written.isEmpty()) {
                return Optional.of(AFTER_CONFLICT);
            }
            now = written.get();
        }
        Optional<Rejection> rejection = act(now, seen, plan.actions());
        // After the pod was made: an event must not delay a start.
        tell(now, before, plan.status());
        return rejection.isPresent() ? reject(now, seen, rejection.get(), context) : plan.again();
    }

    private Optional<Rejection> act(UefiVirtualMachine vm, Observation seen, List<Action> actions) {
        for (Action action : actions) {
            Optional<Rejection> rejection = parts.orElseThrow().actor().act(vm, seen, action);
            if (rejection.isPresent()) {
                return rejection;
            }
        }
        return Optional.empty();
    }

    private Optional<Duration> reject(
            UefiVirtualMachine vm, Observation seen, Rejection rejection, Context<UefiVirtualMachine> context) {
        Observation without =
                new Observation(parts.orElseThrow().view().machine(vm), List.of(), seen.claims(), seen.hosts());
        return carryOut(vm, without, Planner.afterRejection(without, rejection, clock.instant()), context);
    }

    private void tell(UefiVirtualMachine vm, OperatorStatus before, OperatorStatus after) {
        Transition.between(before, after).forEach(transition -> tell(vm, transition));
    }

    private void tell(UefiVirtualMachine vm, Transition transition) {
        LOG.atInfo()
                .addKeyValue("namespace", vm.getMetadata().getNamespace())
                .addKeyValue("name", vm.getMetadata().getName())
                .addKeyValue("uid", vm.getMetadata().getUid())
                .addKeyValue("epoch", vm.getStatus().epoch())
                .addKeyValue("reason", transition.reason())
                .log(transition.message());
        if (transition.warning()) {
            events.warning(vm, transition.reason(), transition.message());
        } else {
            events.normal(vm, transition.reason(), transition.message());
        }
    }
}
