package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which nodes a pod's selectors, affinity and tolerations admit. Pure. */
final class NodeSelection {

    private NodeSelection() {}

    /** The pod's {@code nodeSelector} and its required node affinity. */
    static boolean selects(PodSpec pod, Node node) {
        Map<String, String> labels = labels(node);
        Map<String, String> wanted = Objects.requireNonNullElse(pod.getNodeSelector(), Map.of());
        if (!labels.entrySet().containsAll(wanted.entrySet())) {
            return false;
        }
        if (pod.getAffinity() == null || pod.getAffinity().getNodeAffinity() == null) {
            return true;
        }
        return matches(pod.getAffinity().getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution(), node);
    }

    /** One of the terms matches; a missing selector matches everything. */
    static boolean matches(@Nullable NodeSelector selector, Node node) {
        return selector == null || selector.getNodeSelectorTerms().stream().anyMatch(term -> matches(term, node));
    }

    private static boolean matches(NodeSelectorTerm term, Node node) {
        Map<String, String> labels = labels(node);
        Map<String, String> fields = Map.of("metadata.name", node.getMetadata().getName());
        // An empty term matches nothing.
        return !(term.getMatchExpressions().isEmpty() && term.getMatchFields().isEmpty())
                && term.getMatchExpressions().stream().allMatch(r -> holds(r, labels))
                && term.getMatchFields().stream().allMatch(r -> holds(r, fields));
    }

    private static boolean holds(NodeSelectorRequirement requirement, Map<String, String> labels) {
        String value = labels.get(requirement.getKey());
        List<String> values = requirement.getValues();
        return switch (requirement.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> value != null && Long.parseLong(value) > Long.parseLong(values.get(0));
            case "Lt" -> value != null && Long.parseLong(value) < Long.parseLong(values.get(0));
            default -> throw new IllegalArgumentException("operator " + requirement.getOperator());
        };
    }

    private static Map<String, String> labels(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
    }

    /** The first taint of one of the effects that nothing tolerates. */
    static Optional<Taint> untolerated(PodSpec pod, Node node, Set<String> effects) {
        return node.getSpec().getTaints().stream()
                .filter(t -> effects.contains(t.getEffect()))
                .filter(t -> toleration(pod, t).isEmpty())
                .findFirst();
    }

    static Optional<Toleration> toleration(PodSpec pod, Taint taint) {
        return pod.getTolerations().stream().filter(t -> tolerates(t, taint)).findFirst();
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        String effect = Objects.requireNonNullElse(toleration.getEffect(), "");
        String key = Objects.requireNonNullElse(toleration.getKey(), "");
        boolean exists = "Exists".equals(toleration.getOperator());
        return (effect.isEmpty() || effect.equals(taint.getEffect()))
                && (key.isEmpty() ? exists : key.equals(taint.getKey()))
                && (exists
                        || Objects.requireNonNullElse(toleration.getValue(), "")
                                .equals(Objects.requireNonNullElse(taint.getValue(), "")));
    }
}
