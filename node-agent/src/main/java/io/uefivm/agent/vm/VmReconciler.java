package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the VMs of this node where {@link Decision} says: observes pod, domain and status, and has one step taken.
 */
@ControllerConfiguration(
        name = "uefivm-agent",
        fieldManager = Api.AGENT_FIELD_MANAGER,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class VmReconciler implements Reconciler<UefiVirtualMachine> {
    private static final Logger LOG = LoggerFactory.getLogger(VmReconciler.class);

    private final String nodeName;
    private final Hypervisor hypervisor;
    private final Runnable orphanSuspected;
    private final Clock clock;
    private final Comebacks comebacks = new Comebacks();
    private final DomainEnds ends = new DomainEnds();
    private final GuestLook guests;
    private final VmReport report;
    private final Steps steps;
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
        this.orphanSuspected = orphanSuspected;
        this.clock = clock;
        this.guests = new GuestLook(hypervisor, clock);
        this.report = new VmReport(nodeName, accelerator, events, clock);
        var running = new WhileRunning(machines, guests, report, clock);
        this.steps = new Steps(nodeName, hypervisor, machines, ends, running, report, clock);
        hypervisor.onEvent(this::onDomainEvent);
        machines.onStoreNews(vmUid -> propagate(knownByUid.get(vmUid)));
    }

    /** What the framework that runs this has to measure with. */
    public Metrics metrics() {
        return comebacks;
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
            comebacks.leaves(
                    ResourceID.fromResource(vm), context.eventSourceRetriever().getControllerEventSource());
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
        UUID uuid = UUID.fromString(status.identity().uuid());
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
        var subject = new Subject(vm, context, uuid, epoch, pod, situation);
        if (ends.wasReset(uuid)) {
            report.warning(
                    subject,
                    Reason.WatchdogFired,
                    "The guest fed its watchdog no more and was reset; look into its logs");
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
        return steps.take(step, subject);
    }
}
