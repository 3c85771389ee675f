package io.uefivm.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.uefivm.agent.host.Heartbeat;
import io.uefivm.agent.host.HostAbilities;
import io.uefivm.agent.host.HostReporter;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.vm.Machines;
import io.uefivm.agent.vm.NodeScope;
import io.uefivm.agent.vm.OrphanSweep;
import io.uefivm.agent.vm.StateEraser;
import io.uefivm.agent.vm.VmReconciler;
import io.uefivm.api.runtime.HealthServer;
import io.uefivm.api.v1alpha1.EventRecorder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** A running agent: its controller, its host loop and its health server, over a hypervisor that may be a fake. */
public final class AgentRuntime implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Operator operator;
    private final HostLoop hostLoop;
    private final StateEraser eraser;
    private final HealthServer health;

    private AgentRuntime(Operator operator, HostLoop hostLoop, StateEraser eraser, HealthServer health) {
        this.operator = operator;
        this.hostLoop = hostLoop;
        this.eraser = eraser;
        this.health = health;
    }

    /**
     * Starts everything; returns when the caches are filled.
     *
     * @param host what the host can do, tried anew or remembered
     * @param accelerator what domains are executed by, kvm or tcg
     * @throws IOException when the health port cannot be had
     */
    public static AgentRuntime start(
            KubernetesClient client,
            AgentOptions options,
            Hypervisor hypervisor,
            Machines machines,
            HostAbilities host,
            Supplier<String> accelerator,
            String bind,
            int healthPort)
            throws IOException {
        Clock clock = Clock.systemUTC();
        var events = new EventRecorder(client, "uefivm.io/node-agent", options.nodeName(), clock);
        var sweep = new OrphanSweep(client, options.nodeName(), hypervisor, machines, events);
        var hostLoop = new HostLoop(
                new Heartbeat(client, options.namespace(), options.nodeName(), clock),
                new HostReporter(client, options.nodeName()),
                host,
                sweep,
                hypervisor);
        var reconciler = new VmReconciler(
                options.nodeName(), hypervisor, machines, events, accelerator, hostLoop::sweepSoon, clock);
        var operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withMetrics(reconciler.metrics())
                .withReconciliationTerminationTimeout(STOP)
                .checkingCRDAndValidateLocalModel(false)
                .withUseSSAToPatchPrimaryResource(true));
        operator.register(
                reconciler,
                new NodeScope(operator.getConfigurationService().getConfigurationFor(reconciler), options.nodeName()));
        PrometheusMeterRegistry metrics = metrics(machines);
        HealthServer health = HealthServer.start(
                bind,
                healthPort,
                () -> true,
                () -> operator.getRuntimeInfo().isStarted()
                        && operator.getRuntimeInfo().allEventSourcesAreHealthy()
                        && hostLoop.hasReported(),
                metrics::scrape);
        operator.start();
        var eraser = new StateEraser(client, options.nodeName(), machines::erase, events).start();
        return new AgentRuntime(operator, hostLoop, eraser, health);
    }

    private static PrometheusMeterRegistry metrics(Machines machines) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        Gauge.builder("uefivm_agent_vms", machines, m -> m.present().size())
                .description("VMs that have something on this host")
                .register(registry);
        return registry;
    }

    @Override
    public void close() {
        hostLoop.close();
        eraser.close();
        operator.stop();
        health.close();
    }
}
