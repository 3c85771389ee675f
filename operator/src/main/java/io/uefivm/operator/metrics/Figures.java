package io.uefivm.operator.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gauges that are being put together for one scrape. */
final class Figures {
    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();

    /** Names a gauge; one that gets no value does not appear. */
    Figures gauge(String name, String help) {
        gauges.put(name, GaugeSnapshot.builder().name(name).help(help));
        return this;
    }

    /**
     * Gives a gauge a value.
     *
     * @param labels names and values in turn; no two values of a gauge may have the same
     */
    void add(String name, double value, String... labels) {
        GaugeSnapshot.Builder gauge = gauges.get(name);
        if (gauge == null) {
            throw new IllegalArgumentException("gauge " + name + " was not named");
        }
        gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .value(value)
                .labels(Labels.of(labels))
                .build());
    }

    void add(String name, boolean value, String... labels) {
        add(name, value ? 1 : 0, labels);
    }

    MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        gauges.values().stream()
                .map(GaugeSnapshot.Builder::build)
                .filter(gauge -> !gauge.getDataPoints().isEmpty())
                .forEach(all::metricSnapshot);
        return all.build();
    }
}
