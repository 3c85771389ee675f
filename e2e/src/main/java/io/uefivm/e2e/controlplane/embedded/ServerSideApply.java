package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.uefivm.e2e.controlplane.embedded.ManagedFields.Entry;
import io.uefivm.e2e.controlplane.embedded.ManagedFields.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * Server-side apply: the applied fields are merged in and owned by the manager, fields that it applied before and
 * applies no more are removed unless somebody else owns them too, and a field that somebody else owns with another value
 * is a conflict unless forced. Pure.
 */
final class ServerSideApply {

    private ServerSideApply() {}

    /**
     * @param live the object as it is; an object of nothing but its identity when it does not exist yet
     * @param applied the body of the request, already without what the (sub)resource does not accept
     * @return the merged object with its managed fields; equal to {@code live} when the apply changes nothing
     * @throws ApiFailure 409 with one cause per conflicting field
     */
    static ObjectNode apply(
            ObjectNode live, ObjectNode applied, Writer writer, boolean force, Schema schema, String now) {
        ManagedFields managed = ManagedFields.of(live);
        ObjectNode intent = ManagedFields.ownable(applied);
        FieldSet owned = FieldSet.of(intent, schema);
        FieldSet different = owned.whereDifferent(live, intent);
        if (!force) {
            refuseConflicts(managed, writer, different);
        }
        managed = managed.takenFromOthersThan(writer, different);

        ObjectNode merged = live.deepCopy();
        merge(merged, intent, schema);
        managed.ownedBy(writer)
                .minus(owned)
                .minus(managed.ownedByOthersThan(writer))
                .removeFrom(merged);
        managed.with(writer, owned, now).writeTo(merged);
        return merged;
    }

    private static void refuseConflicts(ManagedFields managed, Writer writer, FieldSet different) {
        List<ApiFailure.Cause> causes = new ArrayList<>();
        for (Entry entry : managed.entries()) {
            if (entry.writer().equals(writer)) {
                continue;
            }
            for (List<String> path : entry.fields().paths()) {
                if (different.paths().contains(path)) {
                    Writer other = entry.writer();
                    causes.add(new ApiFailure.Cause(
                            "FieldManagerConflict",
                            "conflict with \"%s\" using %s".formatted(other.manager(), other.apiVersion()),
                            FieldSet.describe(path)));
                }
            }
        }
        if (!causes.isEmpty()) {
            StringBuilder message = new StringBuilder(
                    "Apply failed with %d conflict%s:".formatted(causes.size(), causes.size() == 1 ? "" : "s"));
            causes.forEach(
                    c -> message.append(' ').append(c.message()).append(": ").append(c.field()));
            throw new ApiFailure(409, "Conflict", message.toString(), causes);
        }
    }

    private static void merge(ObjectNode into, ObjectNode from, Schema schema) {
        from.properties().forEach(member -> {
            String name = member.getKey();
            Schema type = schema.child(name);
            into.set(name, merged(into.path(name), member.getValue(), type));
        });
    }

    private static JsonNode merged(JsonNode old, JsonNode value, Schema type) {
        if (value instanceof ObjectNode object && old instanceof ObjectNode base && !type.isAtomicMap()) {
            merge(base, object, type);
            return base;
        }
        if (value instanceof ArrayNode list && old instanceof ArrayNode base) {
            if (!type.keys().isEmpty()) {
                return mergedItems(base, list, type);
            }
            if (type.isSet()) {
                list.forEach(item -> addIfAbsent(base, item));
                return base;
            }
        }
        return value;
    }

    private static ArrayNode mergedItems(ArrayNode base, ArrayNode list, Schema type) {
        for (JsonNode item : list) {
            String key = FieldSet.key(item, type.keys());
            int index = -1;
            for (int i = 0; i < base.size(); i++) {
                if (FieldSet.key(base.path(i), type.keys()).equals(key)) {
                    index = i;
                }
            }
            if (index < 0) {
                base.add(item);
            } else {
                base.set(index, merged(base.path(index), item, type.item()));
            }
        }
        return base;
    }

    private static void addIfAbsent(ArrayNode set, JsonNode value) {
        for (JsonNode item : set) {
            if (item.equals(value)) {
                return;
            }
        }
        set.add(value);
    }
}
