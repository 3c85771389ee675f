package io.uefivm.operator.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the operator counts and shows beyond what its framework does. */
public final class OperatorMetrics {
    private final PrometheusMeterRegistry registry;
    private final BooleanSupplier leading;
    private final Clock clock;

    /**
     * Metrics in a registry.
     *
     * @param leading whether this process is the one that works: only it shows VMs and hosts, so that a sum over replicas
     *     counts each once
     */
    public OperatorMetrics(PrometheusMeterRegistry registry, BooleanSupplier leading, Clock clock) {
        this.registry = registry;
        this.leading = leading;
        this.clock = clock;
    }

    /** Counts a write to the API server. */
    public void wrote(String kind, String verb) {
        registry.counter("uefivm.api.writes", "kind", kind, "verb", verb).increment();
    }

    /** Counts a raised epoch. */
    public void started() {
        registry.counter("uefivm.vm.starts").increment();
    }

    /** Shows VMs, from a cache that is read at every scrape. */
    public void showMachines(Supplier<Stream<UefiVirtualMachine>> vms) {
        show(() -> VmFigures.of(vms.get(), clock.instant()));
    }

    /** Shows hosts, from a cache that is read at every scrape. */
    public void showHosts(Supplier<Stream<UefiHost>> hosts) {
        show(() -> HostFigures.of(hosts.get()));
    }

    private void show(MultiCollector figures) {
        MultiCollector whileLeading = () -> leading.getAsBoolean() ? figures.collect() : MetricSnapshots.of();
        registry.getPrometheusRegistry().register(whileLeading);
    }
}
