package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the VMs of this node where {@link Decision} says: observes pod, domain and status, takes one step, and writes
 * what changed. It decides nothing itself and knows no file and no XML.
 */
@ControllerConfiguration(
        name = "uefivm-agent",
        fieldManager = Api.AGENT_FIELD_MANAGER,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class VmReconciler implements Reconciler<UefiVirtualMachine> {
    private static final Logger LOG = LoggerFactory.getLogger(VmReconciler.class);
    /** A guest that is still booting misses the power button, so it is pressed again. */
    private static final Duration PRESS_AGAIN = Duration.ofSeconds(10);

    private static final Duration CATCH_UP = Duration.ofSeconds(1);
    /** Firmware decides about the boot loader within this time, even emulated on a busy host. */
    private static final Duration FIRMWARE_TIME = Duration.ofMinutes(5);

    private static final Duration LOCKED_MEDIUM = Duration.ofSeconds(10);
    private static final Duration CONSOLE_INTERVAL = Duration.ofSeconds(5);

    private final String nodeName;
    private final Hypervisor hypervisor;
    private final Machines machines;
    private final EventRecorder events;
    private final Supplier<String> accelerator;
    private final Runnable orphanSuspected;
    private final Clock clock;
    private final DomainEnds ends = new DomainEnds();
    private final GuestLook guests;
    private final Map<UUID, ResourceID> known = new ConcurrentHashMap<>();
    private final Map<String, ResourceID> knownByUid = new ConcurrentHashMap<>();
    private final SimpleInboundEventSource<UefiVirtualMachine> domainEvents =
            new SimpleInboundEventSource<>("domain-events");

    /**
     * A reconciler.
     *
     * @param accelerator the accelerator in use, kvm or tcg
     * @param orphanSuspected called when a VM was deleted or placed elsewhere: a domain of it may be left here
     */
    public VmReconciler(
            String nodeName,
            Hypervisor hypervisor,
            Machines machines,
            EventRecorder events,
            Supplier<String> accelerator,
            Runnable orphanSuspected,
            Clock clock) {
        this.nodeName = nodeName;
        this.hypervisor = hypervisor;
        this.machines = machines;
        this.events = events;
        this.accelerator = accelerator;
        this.orphanSuspected = orphanSuspected;
        this.clock = clock;
        this.guests = new GuestLook(hypervisor, clock);
        hypervisor.onEvent(this::onDomainEvent);
        machines.onStoreNews(vmUid -> propagate(knownByUid.get(vmUid)));
    }

    @Override
    public List<EventSource<?, UefiVirtualMachine>> prepareEventSources(
            EventSourceContext<UefiVirtualMachine> context) {
        var pods = InformerEventSourceConfiguration.from(Pod.class, UefiVirtualMachine.class)
                .withName("vm-pods")
                .withWatchAllNamespaces()
                .withLabelSelector(Api.LABEL_VM_UID)
                .withFieldSelector(new FieldSelectorBuilder()
                        .withField("spec.nodeName", nodeName)
                        .build())
                .withSecondaryToPrimaryMapper(VmReconciler::owner)
                .build();
        return List.of(new InformerEventSource<>(pods, context), domainEvents);
    }

    private static Set<ResourceID> owner(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String name = annotations == null ? null : annotations.get(Api.ANNOTATION_VM_NAME);
        return name == null
                ? Set.of()
                : Set.of(new ResourceID(name, pod.getMetadata().getNamespace()));
    }

    private void onDomainEvent(DomainEvent event) {
        guests.on(event);
        if (event instanceof DomainEvent.Ended ended) {
            ends.ended(ended.uuid(), ended.end());
            propagate(ended.uuid());
        } else if (event instanceof DomainEvent.Paused paused) {
            propagate(paused.uuid());
        } else if (event instanceof DomainEvent.Running running) {
            propagate(running.uuid());
        } else if (event instanceof DomainEvent.GuestAgent agent) {
            propagate(agent.uuid());
        } else if (event instanceof DomainEvent.WatchdogFired fired) {
            ends.watchdogFired(fired.uuid(), fired.poweredOff());
            propagate(fired.uuid());
        } else {
            known.keySet().forEach(this::propagate);
        }
    }

    private void propagate(UUID domain) {
        propagate(known.get(domain));
    }

    private void propagate(@Nullable ResourceID vm) {
        if (vm != null) {
            domainEvents.propagateEvent(vm);
        }
    }

    @Override
    public UpdateControl<UefiVirtualMachine> reconcile(UefiVirtualMachine vm, Context<UefiVirtualMachine> context)
            throws HypervisorException {
        if (context.isPrimaryResourceDeleted()) {
            known.values().remove(ResourceID.fromResource(vm));
            knownByUid.remove(vm.getMetadata().getUid());
            orphanSuspected.run();
            return UpdateControl.noUpdate();
        }
        UefiVirtualMachineStatus status = vm.getStatus();
        if (status == null
                || status.epoch() == null
                || status.identity() == null
                || !nodeName.equals(status.nodeName())) {
            return UpdateControl.noUpdate();
        }
        long epoch = status.epoch();
        UUID uuid = uuid(status.identity());
        known.put(uuid, ResourceID.fromResource(vm));
        knownByUid.put(vm.getMetadata().getUid(), ResourceID.fromResource(vm));
        Optional<Pod> pod = context.getSecondaryResourcesAsStream(Pod.class)
                .filter(p -> vm.getMetadata()
                        .getUid()
                        .equals(p.getMetadata().getLabels().get(Api.LABEL_VM_UID)))
                .filter(p -> Long.toString(epoch)
                        .equals(p.getMetadata().getAnnotations().get(Api.ANNOTATION_EPOCH)))
                .findFirst();
        var situation = new Situation(
                epoch,
                Duration.ofSeconds(vm.getSpec().terminationGracePeriodSeconds()),
                pod.map(PodView::of),
                hypervisor.domain(uuid),
                Optional.ofNullable(status.domain()));
        if (ends.wasReset(uuid)) {
            events.warning(
                    vm, Reason.WatchdogFired, "The guest fed its watchdog no more and was reset; look into its logs");
        }
        NextStep step = Decision.decide(situation, clock.instant());
        if (!(step instanceof NextStep.Nothing)) {
            LOG.info(
                    "step={} namespace={} name={} uid={} epoch={}",
                    step,
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    vm.getMetadata().getUid(),
                    epoch);
        }
        return take(step, new Subject(vm, context, uuid, epoch, pod, situation));
    }

    /** The VM of one reconcile. */
    private record Subject(
            UefiVirtualMachine vm,
            Context<UefiVirtualMachine> context,
            UUID uuid,
            long epoch,
            Optional<Pod> pod,
            Situation situation) {
        String uid() {
            return vm.getMetadata().getUid();
        }
    }

    private UpdateControl<UefiVirtualMachine> take(NextStep step, Subject subject) throws HypervisorException {
        if (step instanceof NextStep.CatchUp) {
            return again(CATCH_UP);
        } else if (step instanceof NextStep.Start) {
            return start(subject);
        } else if (step instanceof NextStep.Report report) {
            VmStatus status = machines.look(
                    subject.vm(), subject.pod(), VmStatus.of(subject.vm(), domain(subject, report.state())));
            apply(subject, status);
            return watchConsole(subject);
        } else if (step instanceof NextStep.Shutdown shutdown) {
            ends.order(subject.uuid(), Reason.StopRequested);
            hypervisor.requestShutdown(subject.uuid());
            Duration left = Duration.between(clock.instant(), shutdown.deadline());
            return again(left.compareTo(PRESS_AGAIN) < 0 ? left : PRESS_AGAIN);
        } else if (step instanceof NextStep.Destroy destroy) {
            ends.order(subject.uuid(), destroy.reason());
            hypervisor.destroy(subject.uuid());
            return conclude(subject);
        } else if (step instanceof NextStep.Discard) {
            long stale =
                    subject.situation().domain().map(d -> d.owner().epoch()).orElse(0L);
            hypervisor.destroy(subject.uuid());
            machines.release(subject.uid(), Optional.empty());
            events.warning(
                    subject.vm(),
                    Reason.StaleEpoch,
                    "Destroyed the domain of epoch " + stale + " on " + nodeName + ": epoch " + subject.epoch()
                            + " is valid");
            return again(CATCH_UP);
        } else if (step instanceof NextStep.Conclude) {
            return conclude(subject);
        } else if (step instanceof NextStep.Release) {
            machines.release(subject.uid(), subject.pod());
            return UpdateControl.noUpdate();
        }
        if (forgetsBootNext(subject) || observe(subject)) {
            return again(CATCH_UP);
        }
        boolean pending = changeMedia(subject);
        UpdateControl<UefiVirtualMachine> next = watchConsole(subject);
        if (next.getScheduleDelay().isPresent()) {
            return next;
        }
        return pending ? again(LOCKED_MEDIUM) : guests.isAnswering(subject.uuid()) ? again(GuestLook.FRESH) : next;
    }

    /** Follows the spec with the media of a running VM; true when it is to be tried again. */
    private boolean changeMedia(Subject subject) throws HypervisorException {
        boolean running = subject.situation()
                .domain()
                .filter(domain -> domain.state() == RunningDomain.State.RUNNING)
                .isPresent();
        if (!running || subject.pod().isEmpty()) {
            return false;
        }
        MediaChange change = machines.changeMedia(subject.vm(), subject.pod().get(), subject.uuid());
        change.notes().forEach(note -> tell(subject.vm(), note));
        return change.pending();
    }

    /** Takes back the record of what was booted once, when the spec of a running VM does not ask for it any more. */
    private boolean forgetsBootNext(Subject subject) {
        UefiVirtualMachineStatus status = Objects.requireNonNull(subject.vm().getStatus());
        Optional<DomainStatus> domain =
                subject.situation().reportedNow().filter(reported -> reported.state() == DomainState.Running);
        boolean recorded = status.firmware() != null && status.firmware().bootNext() != null;
        if (domain.isEmpty() || !recorded || subject.vm().getSpec().firmware().bootNext() != null) {
            return false;
        }
        apply(subject, VmStatus.of(subject.vm(), domain.get()));
        return true;
    }

    /** Says what the guest changed in its variable store; false when there is nothing to say. */
    private boolean observe(Subject subject) throws HypervisorException {
        Optional<DomainStatus> reported = subject.situation().reportedNow();
        if (reported.isEmpty() || subject.situation().domain().isEmpty()) {
            return false;
        }
        VmStatus said = VmStatus.of(subject.vm(), reported.get());
        VmStatus observed =
                machines.observe(subject.vm(), subject.pod(), said).withGuest(guests.of(subject.uuid(), said.guest()));
        // A changed spec alone is no reason to write what was observed before once more.
        return !observed.equals(said) && apply(subject, observed);
    }

    private UpdateControl<UefiVirtualMachine> start(Subject subject) throws HypervisorException {
        VmStatus status = VmStatus.of(subject.vm(), domain(subject, DomainState.Running));
        ends.forget(subject.uuid());
        try {
            VmStatus started = machines.start(subject.vm(), subject.pod().orElseThrow(), status);
            apply(subject, started);
            started.notes().forEach(note -> tell(subject.vm(), note));
            events.normal(subject.vm(), Reason.Running, "Domain started on " + nodeName + ", epoch " + subject.epoch());
            machines.observe(subject.vm(), subject.pod(), status);
            return watchConsole(subject);
        } catch (Failure failure) {
            String message = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
            LOG.warn(
                    "start failed uid={} epoch={} reason={}: {}",
                    subject.uid(),
                    subject.epoch(),
                    failure.reason(),
                    message);
            String now = VmStatus.time(clock.instant());
            boolean ran = failure.reason() == Reason.DomainLost;
            apply(
                    subject,
                    status.failed(failure)
                            .withDomain(new DomainStatus(
                                    subject.epoch(),
                                    ran ? DomainState.Stopped : DomainState.Failed,
                                    failure.reason(),
                                    message,
                                    nodeName,
                                    domainName(subject.vm()),
                                    null,
                                    null,
                                    now,
                                    null)));
            events.warning(subject.vm(), failure.reason(), message);
            machines.release(subject.uid(), subject.pod());
            return UpdateControl.noUpdate();
        }
    }

    private void tell(UefiVirtualMachine vm, Note note) {
        if (note.warning()) {
            events.warning(vm, note.reason(), note.message());
        } else {
            events.normal(vm, note.reason(), note.message());
        }
    }

    private UpdateControl<UefiVirtualMachine> conclude(Subject subject) {
        DomainStatus running = domain(subject, DomainState.Stopped);
        Reason reason = ends.reason(
                subject.uuid(),
                () -> hypervisor.lastEnd(
                        domainName(subject.vm()), Instant.parse(Objects.requireNonNull(running.startTime()))));
        var ended = new DomainStatus(
                subject.epoch(),
                DomainState.Stopped,
                reason,
                DomainEnds.text(reason, running),
                nodeName,
                running.name(),
                running.accelerator(),
                running.startTime(),
                VmStatus.time(clock.instant()),
                null);
        VmStatus status = machines.takeBack(subject.vm(), VmStatus.of(subject.vm(), ended));
        if (status.unreset() != null) {
            events.warning(subject.vm(), Reason.DeviceNotReset, status.unreset());
        }
        try {
            status = machines.commit(subject.vm(), subject.pod(), status);
        } catch (Failure failure) {
            events.warning(subject.vm(), failure.reason(), Objects.requireNonNull(failure.getMessage()));
            status = status.failed(failure);
        }
        apply(subject, status);
        events.normal(subject.vm(), reason, ended.message() + generation(status));
        ends.forget(subject.uuid());
        machines.release(subject.uid(), subject.pod());
        return UpdateControl.noUpdate();
    }

    private static String generation(VmStatus status) {
        return status.nvram() == null || status.nvram().generation() == null
                ? ""
                : "; NVRAM generation " + status.nvram().generation();
    }

    /** While the firmware may still be deciding, looks whether it refused the boot loader. */
    private UpdateControl<UefiVirtualMachine> watchConsole(Subject subject) {
        UefiVirtualMachineStatus status = Objects.requireNonNull(subject.vm().getStatus());
        boolean enforcing = status.firmware() != null && status.firmware().secureBoot() == SecureBootState.Enforcing;
        DomainStatus domain = status.domain();
        if (domain == null || domain.startTime() == null || domain.epoch() != subject.epoch()) {
            return again(CONSOLE_INTERVAL);
        }
        boolean young = Instant.parse(domain.startTime()).plus(FIRMWARE_TIME).isAfter(clock.instant());
        boolean said = status.condition(ConditionType.SecureBootEnforcing)
                .map(c -> Reason.BootBlocked.name().equals(c.getReason()))
                .orElse(false);
        if (!enforcing || !young || said || domain.state() != DomainState.Running) {
            return UpdateControl.noUpdate();
        }
        Optional<String> refusal = machines.bootRefusal(subject.uid());
        if (refusal.isEmpty()) {
            return again(CONSOLE_INTERVAL);
        }
        apply(subject, VmStatus.of(subject.vm(), domain).refused(refusal.get()));
        events.warning(subject.vm(), Reason.BootBlocked, refusal.get());
        return UpdateControl.noUpdate();
    }

    private DomainStatus domain(Subject subject, DomainState state) {
        Optional<DomainStatus> before = subject.situation().reportedNow();
        Reason reason = switch (state) {
            case Running -> Reason.Running;
            case Paused -> Reason.Paused;
            case Stopping -> Reason.Stopping;
            case Stopped, Failed -> Reason.DomainLost;
        };
        return new DomainStatus(
                subject.epoch(),
                state,
                reason,
                null,
                nodeName,
                domainName(subject.vm()),
                accelerator.get(),
                before.map(DomainStatus::startTime).orElseGet(() -> VmStatus.time(clock.instant())),
                null,
                before.map(DomainStatus::vsockCid).orElse(null));
    }

    /** Name of the libvirt domain of a VM. */
    static String domainName(UefiVirtualMachine vm) {
        return vm.getMetadata().getNamespace() + "." + vm.getMetadata().getName();
    }

    private static UUID uuid(Identity identity) {
        return UUID.fromString(identity.uuid());
    }

    /**
     * Writes the agent's part of the status, if it says anything new, with optimistic locking.
     *
     * @return whether it did
     */
    private boolean apply(Subject subject, VmStatus status) {
        UefiVirtualMachine vm = subject.vm();
        UefiVirtualMachineStatus desired = status.toStatus(vm, clock.instant());
        if (desired.equals(VmStatus.ownPart(vm))) {
            return false;
        }
        var patch = new UefiVirtualMachine();
        patch.getMetadata().setName(vm.getMetadata().getName());
        patch.getMetadata().setNamespace(vm.getMetadata().getNamespace());
        patch.getMetadata().setResourceVersion(vm.getMetadata().getResourceVersion());
        patch.setStatus(desired);
        PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(vm, patch, subject.context());
        NvramNews.tell(events, vm, desired.nvram());
        return true;
    }

    private static UpdateControl<UefiVirtualMachine> again(Duration after) {
        return UpdateControl.<UefiVirtualMachine>noUpdate()
                .rescheduleAfter(after.isNegative() || after.isZero() ? Duration.ofMillis(1) : after);
    }
}
