package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.util.List;

/** The three patch types that are not an apply: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386), strategic merge. */
final class Patches {

    private static final String DIRECTIVE = "$patch";
    private static final String DELETE_FROM_LIST = "$deleteFromPrimitiveList/";

    private Patches() {}

    static ObjectNode json(ObjectNode live, JsonNode patch) {
        try {
            if (JsonPatch.apply(patch, live.deepCopy()) instanceof ObjectNode patched) {
                return patched;
            }
        } catch (JsonPatchException e) {
            throw new ApiFailure(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request: " + e.getMessage(),
                    List.of());
        }
        throw ApiFailure.badRequest("the patch does not leave an object");
    }

    static ObjectNode merge(ObjectNode live, ObjectNode patch) {
        ObjectNode result = live.deepCopy();
        for (var member : Json.fields(patch)) {
            String name = member.getKey();
            if (member.getValue().isNull()) {
                result.remove(name);
            } else if (member.getValue() instanceof ObjectNode object) {
                result.set(name, merge(result.path(name) instanceof ObjectNode o ? o : Json.object(), object));
            } else {
                result.set(name, member.getValue());
            }
        }
        return result;
    }

    /**
     * Merge patch with lists of objects merged by key. The order directives ({@code $setElementOrder}) are accepted and
     * without effect: items keep their order, new ones come last.
     */
    static ObjectNode strategic(ObjectNode live, ObjectNode patch, Schema schema) {
        if ("replace".equals(patch.path(DIRECTIVE).asText())) {
            ObjectNode replacement = patch.deepCopy();
            replacement.remove(DIRECTIVE);
            return replacement;
        }
        ObjectNode result = live.deepCopy();
        for (var member : Json.fields(patch)) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (name.startsWith(DELETE_FROM_LIST)) {
                String list = name.substring(DELETE_FROM_LIST.length());
                value.forEach(gone -> removeItem(result.path(list), gone));
            } else if (!name.startsWith("$")) {
                set(result, name, value, schema.child(name));
            }
        }
        return result;
    }

    private static void set(ObjectNode result, String name, JsonNode value, Schema type) {
        if (value.isNull() || "delete".equals(value.path(DIRECTIVE).asText())) {
            result.remove(name);
        } else if (value instanceof ObjectNode object) {
            ObjectNode base = result.path(name) instanceof ObjectNode o ? o : Json.object();
            result.set(name, strategic(base, object, type));
        } else if (value instanceof ArrayNode list && !type.keys().isEmpty()) {
            result.set(name, strategicList(result.path(name), list, type));
        } else if (value instanceof ArrayNode list && type.isSet()) {
            ArrayNode set = result.path(name) instanceof ArrayNode a ? a : JsonNodeFactory.instance.arrayNode();
            list.forEach(item -> {
                removeItem(set, item);
                set.add(item);
            });
            result.set(name, set);
        } else {
            result.set(name, value);
        }
    }

    private static ArrayNode strategicList(JsonNode live, ArrayNode patch, Schema schema) {
        ArrayNode result = live instanceof ArrayNode list ? list.deepCopy() : JsonNodeFactory.instance.arrayNode();
        for (JsonNode change : patch) {
            String key = FieldSet.key(change, schema.keys());
            int index = 0;
            while (index < result.size()
                    && !FieldSet.key(result.path(index), schema.keys()).equals(key)) {
                index++;
            }
            boolean present = index < result.size();
            if ("delete".equals(change.path(DIRECTIVE).asText())) {
                if (present) {
                    result.remove(index);
                }
            } else if (present
                    && result.path(index) instanceof ObjectNode item
                    && change instanceof ObjectNode object) {
                result.set(index, strategic(item, object, schema.item()));
            } else {
                result.add(change);
            }
        }
        return result;
    }

    private static void removeItem(JsonNode list, JsonNode value) {
        if (list instanceof ArrayNode array) {
            for (int i = array.size() - 1; i >= 0; i--) {
                if (array.path(i).equals(value)) {
                    array.remove(i);
                }
            }
        }
    }
}
