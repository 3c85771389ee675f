package io.uefivm.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.uefivm.api.runtime.HealthServer;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.operator.host.HostReconciler;
import io.uefivm.operator.metrics.OperatorMetrics;
import io.uefivm.operator.vm.VirtualMachineReconciler;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator as one object: started in a process of its own by {@link Main}, or in a test's. */
public final class OperatorRuntime implements AutoCloseable {
    /** Name of the Lease by which replicas agree on a leader. */
    public static final String LEADER_LEASE = "uefivm-operator";

    private static final Logger LOG = LoggerFactory.getLogger(OperatorRuntime.class);
    /** An API server that is away for long is asked every half minute; it never gives up. */
    private static final GenericRetry RETRY = new GenericRetry()
            .setInitialInterval(500)
            .setIntervalMultiplier(2)
            .setMaxInterval(30_000)
            .setMaxAttempts(-1);

    private final KubernetesClient client;
    private final OperatorOptions options;
    private final String identity;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Operator operator;
    private final HealthServer health;
    private volatile boolean closing;
    private volatile boolean leading;

    private OperatorRuntime(KubernetesClient client, OperatorOptions options, Clock clock) {
        this.client = client;
        this.options = options;
        this.leading = !options.leaderElection();
        String host = System.getenv("HOSTNAME");
        this.identity = (host == null ? "uefivm-operator" : host) + "_" + UUID.randomUUID();
        this.operator = new Operator(configuration -> {
            configuration
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(registry))
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(10));
            if (options.leaderElection()) {
                configuration.withLeaderElectionConfiguration(leaderElection());
            }
        });
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        this.health = serve(options);
        OperatorMetrics metrics = new OperatorMetrics(registry, () -> leading, clock);
        EventRecorder events = new EventRecorder(client, "uefivm.io/operator", identity, clock);
        operator.register(
                new VirtualMachineReconciler(events, metrics, options.holdImage(), options.rollout(), clock),
                controller -> controller.withRetry(RETRY));
        operator.register(
                new HostReconciler(options.namespace(), events, metrics, clock),
                controller ->
                        controller.withRetry(RETRY).withItemStore(new TransformingItemStore<>(OperatorRuntime::thin)));
    }

    /**
     * Starts the operator and returns when its informers are in step. The client stays the caller's to close.
     *
     * @throws io.javaoperatorsdk.operator.OperatorException when the API server cannot be reached, the definitions in
     *     {@code crds/} are not installed, or a right is missing
     */
    public static OperatorRuntime start(KubernetesClient client, OperatorOptions options, Clock clock) {
        OperatorRuntime runtime = new OperatorRuntime(client, options, clock);
        try {
            runtime.operator.start();
        } catch (RuntimeException e) {
            runtime.health.close();
            throw e;
        }
        return runtime;
    }

    private HealthServer serve(OperatorOptions options) {
        try {
            return HealthServer.start(
                    options.bind(), options.healthPort(), this::isHealthy, this::isReady, registry::scrape);
        } catch (IOException e) {
            throw new OperatorException(
                    "cannot listen on " + options.bind() + ":" + options.healthPort() + " (" + e.getMessage()
                            + "); choose another port with --health-port",
                    e);
        }
    }

    /** The port that health and metrics are served on. */
    public int healthPort() {
        return health.port();
    }

    /** Informers are in step and watching. A replica that is not the leader is ready too: ready to take over. */
    public boolean isReady() {
        return operator.getRuntimeInfo().isStarted() && isHealthy();
    }

    private boolean isHealthy() {
        return !operator.getRuntimeInfo().isStarted()
                || operator.getRuntimeInfo().allEventSourcesAreHealthy();
    }

    /** Images and managed fields make up most of a Node and are never looked at. */
    private static Node thin(Node node) {
        node.getMetadata().setManagedFields(null);
        if (node.getStatus() != null) {
            node.getStatus().setImages(null);
        }
        return node;
    }

    private LeaderElectionConfiguration leaderElection() {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEADER_LEASE)
                .withLeaseNamespace(options.namespace())
                .withIdentity(identity)
                // The framework exits also when it is stopped in order, in the middle of the shutdown hook.
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(this::startedLeading, this::lostLeadership, leader -> {}))
                .build();
    }

    private void startedLeading() {
        leading = true;
        LOG.info("leading");
    }

    private void lostLeadership() {
        if (!closing) {
            LOG.error("lost the leader's Lease {}; exiting at once, so that two never work together", LEADER_LEASE);
            Runtime.getRuntime().halt(1);
        }
    }

    /** Finishes what is under way and lets go of the leadership. */
    @Override
    public void close() {
        closing = true;
        operator.stop();
        if (options.leaderElection()) {
            releaseLease();
        }
        health.close();
        collections.close();
        registry.close();
    }

    /** Without this the next leader waits until the Lease has run out. */
    private void releaseLease() {
        try {
            client.leases()
                    .inNamespace(options.namespace())
                    .withName(LEADER_LEASE)
                    .edit(lease -> {
                        if (identity.equals(lease.getSpec().getHolderIdentity())) {
                            lease.getSpec().setHolderIdentity("");
                        }
                        return lease;
                    });
        } catch (RuntimeException e) {
            LOG.warn("the leader's Lease was not released and runs out by itself: {}", e.getMessage());
        }
    }
}
