package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Accepted writes of everybody since the API server started, as its own metrics have them: by resource, with its subresource. */
record ServerWrites(Map<String, Double> byTarget) {
    private static final Set<String> VERBS = Set.of("POST", "PUT", "PATCH", "APPLY", "DELETE");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    static ServerWrites of(KubernetesClient client) {
        var byTarget = new TreeMap<String, Double>();
        Objects.requireNonNull(client.raw("/metrics"), "the API server shows no metrics")
                .lines()
                .filter(line -> line.startsWith("apiserver_request_total{"))
                .forEach(line -> {
                    var labels = new TreeMap<String, String>();
                    Matcher label = LABEL.matcher(line);
                    while (label.find()) {
                        labels.put(label.group(1), label.group(2));
                    }
                    if (VERBS.contains(labels.getOrDefault("verb", ""))
                            && labels.getOrDefault("code", "").startsWith("2")
                            && labels.getOrDefault("dry_run", "").isEmpty()) {
                        String sub = labels.getOrDefault("subresource", "");
                        byTarget.merge(
                                labels.getOrDefault("resource", "") + (sub.isEmpty() ? "" : "/" + sub),
                                Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                                Double::sum);
                    }
                });
        return new ServerWrites(Map.copyOf(byTarget));
    }

    /** What came after {@code before}. */
    ServerWrites since(ServerWrites before) {
        var more = new TreeMap<String, Double>();
        byTarget.forEach((target, count) -> {
            double delta = count - before.byTarget.getOrDefault(target, 0.0);
            if (delta > 0) {
                more.put(target, delta);
            }
        });
        return new ServerWrites(more);
    }

    double total() {
        return byTarget.values().stream().mapToDouble(d -> d).sum();
    }

    /** Of one resource and its subresources. */
    double of(String resource) {
        return byTarget.entrySet().stream()
                .filter(e -> e.getKey().equals(resource) || e.getKey().startsWith(resource + "/"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
