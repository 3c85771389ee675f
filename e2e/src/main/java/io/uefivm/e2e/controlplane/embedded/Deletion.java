package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The end of objects: grace periods, finalizers, preconditions, and what follows (dependents, the content of namespaces).
 */
final class Deletion {

    private final EmbeddedApi api;

    Deletion(EmbeddedApi api) {
        this.api = api;
    }

    ObjectNode delete(ApiRequest request) {
        ObjectNode options = request.body().isBlank() ? Json.object() : Json.readObject(request.body());
        String grace = request.query().get("gracePeriodSeconds");
        if (grace != null) {
            options.put("gracePeriodSeconds", Long.parseLong(grace));
        }
        Kind kind = request.kind();
        if (!request.isCollection()) {
            ObjectNode object = api.get(kind, request.namespace(), request.name());
            return request.isDryRun() ? object : delete(kind, object, options);
        }
        Predicate<JsonNode> selector = Selectors.labels(request.query().getOrDefault("labelSelector", ""))
                .and(Selectors.fields(request.query().getOrDefault("fieldSelector", ""), kind));
        api.list(kind, request.namespace()).stream().filter(selector).forEach(o -> delete(kind, o, options));
        return success();
    }

    /** {@code pods/eviction}. */
    ObjectNode evict(ApiRequest request) {
        if (!request.kind().is("", "pods")) {
            throw ApiFailure.unknownResource();
        }
        ObjectNode pod = api.get(request.kind(), request.namespace(), request.name());
        JsonNode options = Json.readObject(request.body()).path("deleteOptions");
        delete(request.kind(), pod, options instanceof ObjectNode o ? o : Json.object());
        return success();
    }

    private ObjectNode delete(Kind kind, ObjectNode object, ObjectNode options) {
        String name = Json.name(object);
        JsonNode preconditions = options.path("preconditions");
        if (preconditions.hasNonNull("uid")
                && !preconditions.path("uid").asText().equals(Json.uid(object))) {
            throw ApiFailure.conflict(
                    kind,
                    name,
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(preconditions.path("uid").asText(), Json.uid(object)));
        }
        if (preconditions.hasNonNull("resourceVersion")
                && !preconditions.path("resourceVersion").asText().equals(Json.resourceVersion(object))) {
            throw ApiFailure.conflict(kind, name, "Precondition failed: ResourceVersion in precondition is outdated");
        }
        boolean namespace = kind.is("", "namespaces");
        long grace = gracePeriod(kind, object, options.path("gracePeriodSeconds"));
        if (grace == 0 && !Json.hasFinalizers(object) && !namespace) {
            remove(
                    kind,
                    object,
                    "Orphan".equals(options.path("propagationPolicy").asText()));
            return success();
        }
        ObjectNode marked = mark(object, grace);
        if (namespace) {
            marked.withObjectProperty("status").put("phase", "Terminating");
        }
        if (!marked.equals(object)) {
            api.store(kind, object, marked);
        }
        if (namespace) {
            empty(name);
        }
        return marked;
    }

    /** Seconds; 0 for all but pods that have to be ended on a node. */
    private static long gracePeriod(Kind kind, ObjectNode object, JsonNode asked) {
        String phase = object.path("status").path("phase").asText();
        if (!kind.is("", "pods")
                || object.path("spec").path("nodeName").asText().isEmpty()
                || Set.of("Succeeded", "Failed").contains(phase)) {
            return 0;
        }
        long period = asked.isNumber()
                ? asked.asLong()
                : object.path("spec").path("terminationGracePeriodSeconds").asLong(30);
        return period < 0 ? 1 : period;
    }

    /** With a deletion timestamp, {@code grace} seconds from now; a later request can only shorten the time. */
    private static ObjectNode mark(ObjectNode object, long grace) {
        ObjectNode marked = object.deepCopy();
        ObjectNode metadata = Json.metadata(marked);
        boolean first = !Json.isBeingDeleted(object);
        if (first || metadata.path("deletionGracePeriodSeconds").asLong() > grace) {
            metadata.put("deletionTimestamp", Json.time(Instant.now().plusSeconds(grace)));
            metadata.put("deletionGracePeriodSeconds", grace);
            if (first) {
                metadata.put("generation", metadata.path("generation").asLong() + 1);
            }
        }
        return marked;
    }

    void remove(Kind kind, ObjectNode object) {
        remove(kind, object, false);
    }

    private void remove(Kind kind, ObjectNode object, boolean orphan) {
        api.remove(kind, object);
        if (kind.is("apiextensions.k8s.io", "customresourcedefinitions")) {
            Kind.of(object).forEach(k -> api.list(k, null).forEach(o -> api.remove(k, o)));
        }
        if (!orphan) {
            collectDependents(Json.uid(object));
        }
        if (kind.namespaced()) {
            removeNamespaceIfEmpty(Json.namespace(object));
        }
    }

    private void collectDependents(String owner) {
        for (Kind kind : api.kinds().all()) {
            for (ObjectNode object : api.list(kind, null)) {
                Set<String> owners = Set.copyOf(
                        object.path("metadata").path("ownerReferences").findValuesAsText("uid"));
                if (owners.contains(owner) && owners.size() == 1) {
                    delete(kind, object, Json.object());
                }
            }
        }
    }

    private void empty(String namespace) {
        for (Kind kind : api.kinds().all()) {
            if (kind.namespaced()) {
                api.list(kind, namespace).forEach(o -> delete(kind, o, Json.object()));
            }
        }
        removeNamespaceIfEmpty(namespace);
    }

    private void removeNamespaceIfEmpty(String name) {
        Kind kind = api.kinds().find("", "v1", "namespaces").orElseThrow();
        @Nullable ObjectNode namespace = api.find(kind, null, name).orElse(null);
        if (namespace == null || !Json.isBeingDeleted(namespace) || Json.hasFinalizers(namespace)) {
            return;
        }
        boolean occupied = api.kinds().all().stream()
                .anyMatch(k -> k.namespaced() && !api.list(k, name).isEmpty());
        if (!occupied) {
            api.remove(kind, namespace);
        }
    }

    private static ObjectNode success() {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Success").put("code", 200);
    }
}
