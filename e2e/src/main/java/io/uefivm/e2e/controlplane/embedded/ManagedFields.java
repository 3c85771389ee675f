package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Who owns which fields of an object: {@code metadata.managedFields}, read and written as the API server does, so that
 * clients that look at it (JOSDK's matcher, {@code kubectl}) see what they expect.
 */
record ManagedFields(List<Entry> entries) {

    private static final Set<String> SYSTEM_METADATA = Set.of(
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "selfLink");

    /**
     * Who writes: a manager, by apply or by update, to the main resource ({@code subresource} empty) or a subresource.
     */
    record Writer(String manager, String operation, String subresource, String apiVersion) {}

    /** What one writer owns. */
    record Entry(Writer writer, String time, FieldSet fields) {}

    ManagedFields {
        entries = List.copyOf(entries);
    }

    static ManagedFields of(JsonNode object) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            entries.add(new Entry(
                    new Writer(
                            entry.path("manager").asText(),
                            entry.path("operation").asText(),
                            entry.path("subresource").asText(),
                            entry.path("apiVersion").asText()),
                    entry.path("time").asText(),
                    FieldSet.fromFieldsV1(entry.path("fieldsV1"))));
        }
        return new ManagedFields(entries);
    }

    /** The fields of an object that somebody can own: all but its identity and what the server itself keeps. */
    static ObjectNode ownable(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        copy.remove(List.of("apiVersion", "kind"));
        if (copy.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(SYSTEM_METADATA);
            if (metadata.isEmpty()) {
                copy.remove("metadata");
            }
        }
        return copy;
    }

    FieldSet ownedBy(Writer writer) {
        return entries.stream()
                .filter(e -> e.writer().equals(writer))
                .map(Entry::fields)
                .findFirst()
                .orElse(FieldSet.empty());
    }

    FieldSet ownedByOthersThan(Writer writer) {
        return entries.stream()
                .filter(e -> !e.writer().equals(writer))
                .map(Entry::fields)
                .reduce(FieldSet.empty(), FieldSet::plus);
    }

    /** The writer owns exactly these fields from now on; its time changes only when they do. */
    ManagedFields with(Writer writer, FieldSet fields, String now) {
        List<Entry> next = new ArrayList<>();
        boolean known = false;
        for (Entry entry : entries) {
            if (entry.writer().equals(writer)) {
                known = true;
                next.add(entry.fields().equals(fields) ? entry : new Entry(writer, now, fields));
            } else {
                next.add(entry);
            }
        }
        if (!known) {
            next.add(new Entry(writer, now, fields));
        }
        return new ManagedFields(next).withoutEmpty();
    }

    ManagedFields takenFromOthersThan(Writer writer, FieldSet taken) {
        return map(e -> e.writer().equals(writer)
                ? e
                : new Entry(e.writer(), e.time(), e.fields().minus(taken)));
    }

    /**
     * After an update (PUT or one of the patches that is not an apply): the writer owns what it changed, nobody owns
     * what it removed.
     */
    ManagedFields afterUpdate(Writer writer, ObjectNode before, ObjectNode after, Schema schema, String now) {
        ObjectNode left = ownable(before);
        ObjectNode right = ownable(after);
        FieldSet present = FieldSet.of(right, schema);
        FieldSet changed = present.whereDifferent(left, right);
        FieldSet gone = FieldSet.of(left, schema).minus(present);
        if (changed.isEmpty() && gone.isEmpty()) {
            return this;
        }
        ManagedFields kept = map(e -> new Entry(e.writer(), e.time(), e.fields().minus(gone)))
                .takenFromOthersThan(writer, changed);
        return changed.isEmpty() ? kept : kept.with(writer, kept.ownedBy(writer).plus(changed), now);
    }

    private ManagedFields map(UnaryOperator<Entry> change) {
        return new ManagedFields(entries.stream().map(change).toList()).withoutEmpty();
    }

    private ManagedFields withoutEmpty() {
        return new ManagedFields(
                entries.stream().filter(e -> !e.fields().isEmpty()).toList());
    }

    void writeTo(ObjectNode object) {
        if (entries.isEmpty()) {
            Json.metadata(object).remove("managedFields");
            return;
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Entry entry : entries) {
            ObjectNode node = list.addObject();
            node.put("manager", entry.writer().manager());
            node.put("operation", entry.writer().operation());
            node.put("apiVersion", entry.writer().apiVersion());
            node.put("time", entry.time());
            node.put("fieldsType", "FieldsV1");
            node.set("fieldsV1", entry.fields().toFieldsV1());
            if (!entry.writer().subresource().isEmpty()) {
                node.put("subresource", entry.writer().subresource());
            }
        }
        Json.metadata(object).set("managedFields", list);
    }
}
