package io.uefivm.operator;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.uefivm.api.v1alpha1.Phase;
import java.util.function.ToLongFunction;

/** What the operator counts beyond what its framework does. No label names a VM: there can be thousands. */
public final class OperatorMetrics {
    private final MeterRegistry registry;

    public OperatorMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts a write to the API server. */
    public void wrote(String kind, String verb) {
        registry.counter("uefivm.api.writes", "kind", kind, "verb", verb).increment();
    }

    /** Counts a raised epoch. */
    public void started() {
        registry.counter("uefivm.vm.starts").increment();
    }

    /** Shows the number of VMs in each phase. */
    public void showPhases(ToLongFunction<Phase> count) {
        for (Phase phase : Phase.values()) {
            Gauge.builder("uefivm.vms", () -> count.applyAsLong(phase))
                    .tag("phase", phase.name())
                    .register(registry);
        }
    }
}
