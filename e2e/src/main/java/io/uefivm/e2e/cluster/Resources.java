package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Amounts of resources by name ({@code cpu} in cores, {@code memory} and {@code hugepages-*} in bytes, {@code pods}, and
 * any extended resource), as the scheduler counts them. Pure.
 */
record Resources(Map<String, BigDecimal> amounts) {

    private static final String PODS = "pods";

    Resources {
        amounts = Map.copyOf(amounts);
    }

    static Resources none() {
        return new Resources(Map.of());
    }

    static Resources of(@Nullable Map<String, Quantity> quantities) {
        Map<String, BigDecimal> amounts = new HashMap<>();
        Objects.requireNonNullElse(quantities, Map.<String, Quantity>of())
                .forEach((name, quantity) -> amounts.put(name, quantity.getNumericalAmount()));
        return new Resources(amounts);
    }

    /** What a pod takes of its node: the sum of its containers, or its largest init container, its overhead, one pod. */
    static Resources requestedBy(Pod pod) {
        Resources running =
                pod.getSpec().getContainers().stream().map(Resources::requests).reduce(none(), Resources::plus);
        Resources total = pod.getSpec().getInitContainers().stream()
                .map(Resources::requests)
                .reduce(running, Resources::largest);
        return total.plus(of(pod.getSpec().getOverhead())).plus(new Resources(Map.of(PODS, BigDecimal.ONE)));
    }

    private static Resources requests(Container container) {
        if (container.getResources() == null) {
            return none();
        }
        // A limit without request is the request; the API server fills it in.
        Map<String, Quantity> requests = new HashMap<>(
                Objects.requireNonNullElse(container.getResources().getLimits(), Map.of()));
        requests.putAll(Objects.requireNonNullElse(container.getResources().getRequests(), Map.of()));
        return of(requests);
    }

    BigDecimal get(String name) {
        return amounts.getOrDefault(name, BigDecimal.ZERO);
    }

    Resources plus(Resources other) {
        Map<String, BigDecimal> sum = new HashMap<>(amounts);
        other.amounts.forEach((name, amount) -> sum.merge(name, amount, BigDecimal::add));
        return new Resources(sum);
    }

    private Resources largest(Resources other) {
        Map<String, BigDecimal> max = new HashMap<>(amounts);
        other.amounts.forEach((name, amount) -> max.merge(name, amount, BigDecimal::max));
        return new Resources(max);
    }

    /** In the scheduler's words, such as {@code Insufficient memory}; empty when all of it fits. */
    List<String> shortages(Resources allocatable, Resources used) {
        return new TreeMap<>(amounts)
                .entrySet().stream()
                        .filter(e -> e.getValue().signum() > 0)
                        .filter(e -> used.get(e.getKey()).add(e.getValue()).compareTo(allocatable.get(e.getKey())) > 0)
                        .flatMap(e ->
                                Stream.of(e.getKey().equals(PODS) ? "Too many pods" : "Insufficient " + e.getKey()))
                        .toList();
    }
}
