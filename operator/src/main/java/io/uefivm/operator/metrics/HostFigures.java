package io.uefivm.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiHost;
import java.util.Optional;
import java.util.stream.Stream;

/** What a fleet owner wants to know of every host. */
final class HostFigures {
    static final String READY = "uefivm_host_ready";

    private HostFigures() {}

    /** The figures of these hosts. */
    static MetricSnapshots of(Stream<UefiHost> hosts) {
        Figures figures = new Figures().gauge(READY, "1 if VMs can be started on the host, else why not.");
        hosts.forEach(host -> {
            Optional<Condition> ready =
                    Optional.ofNullable(host.getStatus()).flatMap(status -> status.condition(ConditionType.Ready));
            figures.add(
                    READY,
                    ready.filter(c -> "True".equals(c.getStatus())).isPresent(),
                    "host",
                    host.getMetadata().getName(),
                    "reason",
                    ready.map(Condition::getReason).orElse(""));
        });
        return figures.snapshots();
    }
}
