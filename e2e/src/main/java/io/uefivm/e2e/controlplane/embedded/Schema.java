package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What merging has to know of a field's type: whether a list is atomic, a set, or a map keyed by some members of its
 * items. A custom resource says so in its schema ({@code x-kubernetes-list-type}); built-in types and metadata go by the
 * name of the field, which is unambiguous for all that is used here.
 */
final class Schema {

    private static final Map<String, List<String>> BUILT_IN_KEYS = Map.ofEntries(
            Map.entry("conditions", List.of("type")),
            Map.entry("addresses", List.of("type")),
            Map.entry("containers", List.of("name")),
            Map.entry("initContainers", List.of("name")),
            Map.entry("ephemeralContainers", List.of("name")),
            Map.entry("volumes", List.of("name")),
            Map.entry("env", List.of("name")),
            Map.entry("volumeMounts", List.of("mountPath")),
            Map.entry("volumeDevices", List.of("devicePath")),
            Map.entry("imagePullSecrets", List.of("name")),
            Map.entry("topologySpreadConstraints", List.of("topologyKey", "whenUnsatisfiable")),
            Map.entry("ownerReferences", List.of("uid")),
            Map.entry("podIPs", List.of("ip")),
            Map.entry("hostIPs", List.of("ip")));
    private static final Set<String> BUILT_IN_SETS = Set.of("finalizers");
    private static final Set<String> BUILT_IN_ATOMIC_MAPS =
            Set.of("nodeSelector", "selector", "matchLabels", "valueFrom", "secretRef", "configMapRef", "targetRef");

    private final @Nullable JsonNode node;
    private final String field;
    private final int depth;

    private Schema(@Nullable JsonNode node, String field, int depth) {
        this.node = node;
        this.field = field;
        this.depth = depth;
    }

    static Schema builtIn() {
        return new Schema(null, "", 0);
    }

    static Schema structural(JsonNode openApi) {
        return new Schema(openApi, "", 0);
    }

    Schema child(String name) {
        if (node == null || (depth == 0 && name.equals("metadata"))) {
            return new Schema(null, name, depth + 1);
        }
        JsonNode property = node.path("properties").path(name);
        return new Schema(property.isMissingNode() ? node.path("additionalProperties") : property, name, depth + 1);
    }

    Schema item() {
        return new Schema(node == null ? null : node.path("items"), "", depth + 1);
    }

    /** The members that identify an item of this list; empty unless the list is a map. */
    List<String> keys() {
        if (node == null) {
            return BUILT_IN_KEYS.getOrDefault(field, List.of());
        }
        List<String> keys = new ArrayList<>();
        if ("map".equals(node.path("x-kubernetes-list-type").asText())) {
            node.path("x-kubernetes-list-map-keys").forEach(k -> keys.add(k.asText()));
        }
        return keys;
    }

    boolean isSet() {
        return node == null
                ? BUILT_IN_SETS.contains(field)
                : "set".equals(node.path("x-kubernetes-list-type").asText());
    }

    boolean isAtomicMap() {
        return node == null
                ? BUILT_IN_ATOMIC_MAPS.contains(field)
                : "atomic".equals(node.path("x-kubernetes-map-type").asText());
    }
}
