package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server-side table (meta.k8s.io/v1) of custom resources: their name and the CRD's printer columns. */
final class Table {

    /** {@code [?(@.type=="Ready")]}, {@code [0]} or {@code .name}: what printer columns are made of. */
    private static final Pattern STEP =
            Pattern.compile("\\[\\?\\(@\\.(\\w+)\\s*==\\s*[\"']([^\"']*)[\"']\\)]|\\[(\\d+)]|\\.([\\w-]+)");

    private Table() {}

    static boolean isFor(Kind kind) {
        return kind.definition() != null
                && !kind.definition().path("additionalPrinterColumns").isEmpty();
    }

    static ObjectNode of(Kind kind, List<ObjectNode> objects, String resourceVersion) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        Json.metadata(table).put("resourceVersion", resourceVersion);
        JsonNode columns =
                kind.definition() == null ? Json.object() : kind.definition().path("additionalPrinterColumns");
        ArrayNode definitions = table.putArray("columnDefinitions");
        definition(definitions, "Name", "string", "name", 0);
        for (JsonNode column : columns) {
            definition(
                    definitions,
                    column.path("name").asText(),
                    column.path("type").asText(),
                    column.path("format").asText(),
                    column.path("priority").asInt());
        }
        ArrayNode rows = table.putArray("rows");
        for (ObjectNode object : objects) {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells").add(Json.name(object));
            columns.forEach(c -> cells.add(cell(object, c)));
            ObjectNode partial =
                    row.putObject("object").put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
            partial.set("metadata", object.path("metadata").deepCopy());
        }
        return table;
    }

    private static void definition(ArrayNode into, String name, String type, String format, int priority) {
        into.addObject()
                .put("name", name)
                .put("type", type)
                .put("format", format)
                .put("description", "")
                .put("priority", priority);
    }

    private static JsonNode cell(JsonNode object, JsonNode column) {
        JsonNode value = at(object, column.path("jsonPath").asText());
        if (column.path("type").asText().equals("date") && value.isTextual()) {
            Duration age = Duration.between(Instant.parse(value.asText()), Instant.now());
            return Json.object().put("x", human(age)).path("x");
        }
        return value.isMissingNode() ? Json.object().putNull("x").path("x") : value;
    }

    static JsonNode at(JsonNode object, String path) {
        JsonNode node = object;
        Matcher step = STEP.matcher(path);
        while (step.find()) {
            if (step.group(4) != null) {
                node = node.path(step.group(4));
            } else if (step.group(3) != null) {
                node = node.path(Integer.parseInt(step.group(3)));
            } else {
                JsonNode found = Json.object().path("none");
                for (JsonNode item : node) {
                    if (item.path(step.group(1)).asText().equals(step.group(2))) {
                        found = item;
                    }
                }
                node = found;
            }
        }
        return node;
    }

    private static String human(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 7200) {
            return seconds / 60 + "m";
        }
        return seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
