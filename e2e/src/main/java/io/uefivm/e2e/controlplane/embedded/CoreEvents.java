package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Events of {@code events.k8s.io/v1} as {@code v1}, which {@code kubectl describe} reads: a server stores them once. */
final class CoreEvents {
    private static final Map<String, String> RENAMED = Map.of(
            "regarding", "involvedObject",
            "note", "message",
            "reportingController", "reportingComponent",
            "deprecatedSource", "source",
            "deprecatedFirstTimestamp", "firstTimestamp",
            "deprecatedLastTimestamp", "lastTimestamp",
            "deprecatedCount", "count");

    private CoreEvents() {}

    static ObjectNode of(ObjectNode event) {
        ObjectNode core = Json.object();
        for (Map.Entry<String, JsonNode> field : event.properties()) {
            core.set(RENAMED.getOrDefault(field.getKey(), field.getKey()), field.getValue());
        }
        return core.put("apiVersion", "v1");
    }
}
