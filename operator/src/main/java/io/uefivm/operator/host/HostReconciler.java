package io.uefivm.operator.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.operator.metrics.OperatorMetrics;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles a Node: makes its UefiHost when an agent shows itself by a Lease of the same name, says on the UefiHost
 * whether VMs can be started there, and labels the Node with what the host can do, so that agents need no right on Nodes. A
 * renewed Lease is an event, and with nothing changed writes nothing.
 */
@ControllerConfiguration(
        name = "uefihost",
        fieldManager = Api.OPERATOR_FIELD_MANAGER,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
public final class HostReconciler implements Reconciler<Node> {
    private static final Logger LOG = LoggerFactory.getLogger(HostReconciler.class);
    private static final UefiHostStatus EMPTY = new UefiHostStatus(null, null, List.of(), List.of(), List.of());
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Api.OPERATOR_FIELD_MANAGER)
            .withForce(true)
            .build();

    private final String namespace;
    private final EventRecorder events;
    private final OperatorMetrics metrics;
    private final Clock clock;
    private final Heartbeats heartbeats = new Heartbeats();
    private Optional<Sources> sources = Optional.empty();

    private record Sources(InformerEventSource<Lease, Node> leases, InformerEventSource<UefiHost, Node> hosts) {}

    /**
     * A reconciler.
     *
     * @param namespace where the agents keep their Leases
     */
    public HostReconciler(String namespace, EventRecorder events, OperatorMetrics metrics, Clock clock) {
        this.namespace = namespace;
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Node>> prepareEventSources(EventSourceContext<Node> context) {
        InformerEventSource<Lease, Node> leases = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Lease.class, Node.class)
                        .withNamespaces(namespace)
                        .withLabelSelector(Api.LABEL_AGENT_LEASE + "=true")
                        .withSecondaryToPrimaryMapper(lease ->
                                Set.of(new ResourceID(lease.getMetadata().getName())))
                        .build(),
                context);
        InformerEventSource<UefiHost, Node> hosts = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(UefiHost.class, Node.class)
                        .withSecondaryToPrimaryMapper(
                                host -> Set.of(new ResourceID(host.getMetadata().getName())))
                        .build(),
                context);
        sources = Optional.of(new Sources(leases, hosts));
        metrics.showHosts(() -> hosts.list(host -> true));
        return List.of(leases, hosts);
    }

    @Override
    public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
        String name = node.getMetadata().getName();
        Instant now = clock.instant();
        Optional<Lease> lease = sources.orElseThrow().leases().get(new ResourceID(name, namespace));
        Optional<Duration> alive = heartbeats.note(name, lease.flatMap(HostReconciler::pulse), now);
        Optional<UefiHost> host = sources.orElseThrow().hosts().get(new ResourceID(name));
        if (host.isEmpty() && lease.isPresent()) {
            host = Optional.of(create(node, context.getClient()));
        }
        if (host.isPresent()) {
            boolean ready = judge(node, host.get(), alive.isPresent(), lease, context.getClient());
            label(node, NodeLabels.of(status(host.get()), ready), context.getClient());
        } else {
            label(node, Map.of(), context.getClient());
        }
        UpdateControl<Node> control = UpdateControl.noUpdate();
        alive.ifPresent(left -> control.rescheduleAfter(left.toMillis() + 1));
        return control;
    }

    private static Optional<Heartbeats.Pulse> pulse(Lease lease) {
        if (lease.getSpec() == null
                || lease.getSpec().getRenewTime() == null
                || lease.getSpec().getLeaseDurationSeconds() == null) {
            return Optional.empty();
        }
        return Optional.of(new Heartbeats.Pulse(
                lease.getSpec().getRenewTime().toInstant(),
                Duration.ofSeconds(lease.getSpec().getLeaseDurationSeconds())));
    }

    /** Owned by its Node, so that the garbage collector removes it with the Node. */
    private UefiHost create(Node node, KubernetesClient client) {
        UefiHost host = new UefiHost();
        host.setMetadata(new ObjectMetaBuilder()
                .withName(node.getMetadata().getName())
                .addNewOwnerReference()
                .withApiVersion(node.getApiVersion())
                .withKind(node.getKind())
                .withName(node.getMetadata().getName())
                .withUid(node.getMetadata().getUid())
                .endOwnerReference()
                .build());
        try {
            UefiHost created = client.resource(host).create();
            metrics.wrote("UefiHost", "create");
            sources.orElseThrow().hosts().handleRecentResourceCreate(ResourceID.fromResource(created), created);
            return created;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return client.resource(host).get();
            }
            throw e;
        }
    }

    private boolean judge(Node node, UefiHost host, boolean alive, Optional<Lease> lease, KubernetesClient client) {
        String heartbeat = lease.flatMap(HostReconciler::pulse)
                .map(pulse -> pulse.renewed().toString())
                .orElse("none");
        Readiness readiness = Readiness.of(status(host), alive, Readiness.isUnknown(node), heartbeat);
        List<Condition> before = status(host).conditions();
        List<Condition> after = readiness.conditions(before, clock.instant());
        if (!before.containsAll(after)) {
            UefiHost patch = new UefiHost();
            patch.setMetadata(new ObjectMetaBuilder()
                    .withName(host.getMetadata().getName())
                    .withUid(host.getMetadata().getUid())
                    .build());
            patch.setStatus(new UefiHostStatus(null, null, List.of(), List.of(), after));
            UefiHost now = client.resource(patch).subresource("status").patch(APPLY);
            metrics.wrote("UefiHost", "status");
            sources.orElseThrow().hosts().handleRecentResourceUpdate(ResourceID.fromResource(now), now, host);
            tell(host, before, readiness);
        }
        return readiness.status() == Readiness.Status.TRUE;
    }

    private void tell(UefiHost host, List<Condition> before, Readiness readiness) {
        boolean same = before.stream()
                .anyMatch(c -> ConditionType.Ready.name().equals(c.getType())
                        && readiness.reason().name().equals(c.getReason()));
        if (same) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("host", host.getMetadata().getName())
                .addKeyValue("reason", readiness.reason())
                .log(readiness.message());
        if (readiness.status() == Readiness.Status.TRUE) {
            events.normal(host, readiness.reason(), readiness.message());
        } else {
            events.warning(host, readiness.reason(), readiness.message());
        }
    }

    private void label(Node node, Map<String, String> labels, KubernetesClient client) {
        if (NodeLabels.own(node.getMetadata().getLabels()).equals(labels)) {
            return;
        }
        // With the UID, an apply that comes after the Node was deleted fails instead of making a Node.
        Node patch = new NodeBuilder()
                .withNewMetadata()
                .withName(node.getMetadata().getName())
                .withUid(node.getMetadata().getUid())
                .withLabels(labels)
                .endMetadata()
                .build();
        try {
            client.resource(patch).patch(APPLY);
            metrics.wrote("Node", "apply");
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private static UefiHostStatus status(UefiHost host) {
        return host.getStatus() == null ? EMPTY : host.getStatus();
    }
}
