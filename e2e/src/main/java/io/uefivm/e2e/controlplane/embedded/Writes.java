package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.mockwebserver.http.MockResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Creating and changing objects. */
final class Writes {

    private static final List<String> KEPT_METADATA = List.of(
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion",
            "managedFields",
            "generateName");

    private final EmbeddedApi api;

    Writes(EmbeddedApi api) {
        this.api = api;
    }

    ObjectNode create(ApiRequest request) {
        return create(request, Json.readObject(request.body()));
    }

    private ObjectNode create(ApiRequest request, ObjectNode object) {
        identify(request, object);
        Kind kind = request.kind();
        String name = Json.name(object);
        if (kind.namespaced()) {
            Kind namespaces = api.kinds().find("", "v1", "namespaces").orElseThrow();
            ObjectNode namespace = api.get(namespaces, null, Json.namespace(object));
            if (Json.isBeingDeleted(namespace)) {
                throw new ApiFailure(
                        403,
                        "Forbidden",
                        "%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being terminated"
                                .formatted(kind.groupResource(), name, Json.name(namespace)),
                        List.of());
            }
        }
        if (api.find(kind, request.namespace(), name).isPresent()) {
            throw ApiFailure.alreadyExists(kind, name);
        }
        if (kind.statusSubresource()) {
            object.remove("status");
        }
        Json.metadata(object).remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"));
        if (!request.isApply()) {
            new ManagedFields(List.of())
                    .afterUpdate(request.writer(), Json.object(), object, kind.schema(), now())
                    .writeTo(object);
        }
        if (request.isDryRun()) {
            prepare(kind, object);
        } else {
            insert(kind, object);
        }
        return object;
    }

    /** Stores a new object, which has everything but what the server gives it. */
    void insert(Kind kind, ObjectNode object) {
        prepare(kind, object);
        api.store(kind, null, object);
    }

    private static void prepare(Kind kind, ObjectNode object) {
        Json.metadata(object)
                .put("uid", UUID.randomUUID().toString())
                .put("creationTimestamp", now())
                .put("generation", 1);
        Defaults.apply(kind, object);
        Defaults.applyInitialStatus(kind, object);
    }

    private static void identify(ApiRequest request, ObjectNode object) {
        Kind kind = request.kind();
        if (!object.path("kind").asText(kind.kind()).equals(kind.kind())
                || !object.path("apiVersion").asText(kind.groupVersion()).equals(kind.groupVersion())) {
            throw ApiFailure.badRequest("the object is no %s of %s".formatted(kind.kind(), kind.groupVersion()));
        }
        object.put("apiVersion", kind.groupVersion()).put("kind", kind.kind());
        ObjectNode metadata = Json.metadata(object);
        if (Json.name(object).isEmpty() && metadata.hasNonNull("generateName")) {
            String suffix = UUID.randomUUID().toString().substring(0, 5);
            metadata.put("name", metadata.path("generateName").asText() + suffix);
        }
        if (Json.name(object).isEmpty()) {
            throw ApiFailure.invalid(
                    kind,
                    "",
                    List.of(new ApiFailure.Cause(
                            "FieldValueRequired",
                            "Required value: name or generateName is required",
                            "metadata.name")));
        }
        if (!request.isCollection() && !Json.name(object).equals(request.name())) {
            throw ApiFailure.badRequest("the name of the object (%s) does not match the name on the URL (%s)"
                    .formatted(Json.name(object), request.name()));
        }
        if (!kind.namespaced()) {
            metadata.remove("namespace");
        } else if (metadata.hasNonNull("namespace") && !Json.namespace(object).equals(request.namespace())) {
            throw ApiFailure.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the" + " request");
        } else {
            metadata.put("namespace", request.namespace());
        }
    }

    ObjectNode replace(ApiRequest request) {
        ObjectNode object = Json.readObject(request.body());
        identify(request, object);
        return update(request, api.get(request.kind(), request.namespace(), request.name()), object);
    }

    MockResponse patch(ApiRequest request) {
        JsonNode patch = Json.read(request.body());
        Optional<ObjectNode> live = api.find(request.kind(), request.namespace(), request.name());
        if (request.isApply()) {
            return apply(request, live.orElse(null), Json.readObject(request.body()));
        }
        ObjectNode current = live.orElseThrow(() -> ApiFailure.notFound(request.kind(), request.name()));
        String type = request.contentType().split(";", 2)[0];
        ObjectNode next = switch (type) {
            case "application/json-patch+json" -> Patches.json(current, patch);
            case "application/merge-patch+json" -> Patches.merge(current, Json.readObject(request.body()));
            case "application/strategic-merge-patch+json" -> {
                if (request.kind().definition() != null) {
                    throw unsupported(type);
                }
                yield Patches.strategic(
                        current, Json.readObject(request.body()), request.kind().schema());
            }
            default -> throw unsupported(type);
        };
        return EmbeddedApi.json(200, update(request, current, next));
    }

    private static ApiFailure unsupported(String type) {
        return new ApiFailure(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - " + type + " is not accepted here",
                List.of());
    }

    private MockResponse apply(ApiRequest request, @Nullable ObjectNode live, ObjectNode applied) {
        if (request.query().getOrDefault("fieldManager", "").isEmpty()) {
            throw ApiFailure.badRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is"
                    + " required for apply patch");
        }
        if (applied.path("metadata").hasNonNull("managedFields")) {
            throw ApiFailure.badRequest("metadata.managedFields must be nil");
        }
        identify(request, applied);
        Kind kind = request.kind();
        String lock = Json.resourceVersion(applied);
        if (request.isStatus()) {
            applied.retain("apiVersion", "kind", "metadata", "status");
            Json.metadata(applied).retain("name", "namespace");
        } else if (kind.statusSubresource()) {
            applied.remove("status");
        }
        if (live == null) {
            if (!request.subresource().isEmpty()) {
                throw ApiFailure.notFound(kind, request.name());
            }
            if (!lock.isEmpty()) {
                throw ApiFailure.modified(kind, request.name());
            }
            ObjectNode created = ServerSideApply.apply(
                    applied.deepCopy(), applied, request.writer(), request.isForced(), kind.schema(), now());
            return EmbeddedApi.json(201, create(request, created));
        }
        if (!lock.isEmpty() && !lock.equals(Json.resourceVersion(live))) {
            throw ApiFailure.modified(kind, request.name());
        }
        ObjectNode merged =
                ServerSideApply.apply(live, applied, request.writer(), request.isForced(), kind.schema(), now());
        return EmbeddedApi.json(200, finish(request, live, merged));
    }

    /** PUT and the patches that are not an apply: {@code next} may hold anything, {@code current} says what is kept. */
    private ObjectNode update(ApiRequest request, ObjectNode current, ObjectNode next) {
        Kind kind = request.kind();
        String lock = Json.resourceVersion(next);
        if (!lock.isEmpty() && !lock.equals(Json.resourceVersion(current))) {
            throw ApiFailure.modified(kind, request.name());
        }
        String uid = Json.uid(next);
        if (!uid.isEmpty() && !uid.equals(Json.uid(current))) {
            throw ApiFailure.conflict(
                    kind,
                    request.name(),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, Json.uid(current)));
        }
        ObjectNode result;
        if (request.isStatus()) {
            result = current.deepCopy();
            Json.put(result, "status", next.path("status"));
        } else {
            result = next.deepCopy();
            ObjectNode metadata = Json.metadata(result);
            JsonNode kept = current.path("metadata");
            KEPT_METADATA.forEach(
                    field -> Json.put(metadata, field, kept.path(field).deepCopy()));
            List.of("labels", "annotations", "finalizers", "ownerReferences").forEach(field -> {
                if (metadata.path(field).isEmpty()) {
                    metadata.remove(field);
                }
            });
            if (kind.statusSubresource()) {
                Json.put(result, "status", current.path("status").deepCopy());
            }
        }
        Defaults.apply(kind, result);
        ManagedFields.of(current)
                .afterUpdate(request.writer(), current, result, kind.schema(), now())
                .writeTo(result);
        return finish(request, current, result);
    }

    private ObjectNode finish(ApiRequest request, ObjectNode current, ObjectNode next) {
        Kind kind = request.kind();
        Defaults.apply(kind, next);
        if (next.equals(current)) {
            return current;
        }
        if (!content(next).equals(content(current))) {
            Json.metadata(next)
                    .put(
                            "generation",
                            current.path("metadata").path("generation").asLong() + 1);
        }
        if (request.isDryRun()) {
            return next;
        }
        boolean last = Json.isBeingDeleted(next)
                && !Json.hasFinalizers(next)
                && next.path("metadata").path("deletionGracePeriodSeconds").asLong() == 0;
        if (last) {
            api.deletion().remove(kind, next);
        } else {
            api.store(kind, current, next);
        }
        return next;
    }

    private static ObjectNode content(ObjectNode object) {
        ObjectNode content = object.deepCopy();
        content.remove(List.of("metadata", "status"));
        return content;
    }

    /** {@code pods/binding}: puts a pod on a node, once. */
    ObjectNode bind(ApiRequest request) {
        if (!request.kind().is("", "pods")) {
            throw ApiFailure.unknownResource();
        }
        ObjectNode pod = api.get(request.kind(), request.namespace(), request.name());
        String node =
                Json.readObject(request.body()).path("target").path("name").asText();
        String assigned = pod.path("spec").path("nodeName").asText();
        if (Json.isBeingDeleted(pod)) {
            throw ApiFailure.conflict(
                    request.kind(), request.name(), "pod is being deleted, cannot be assigned to a host");
        }
        if (!assigned.isEmpty()) {
            throw ApiFailure.conflict(
                    request.kind(), request.name(), "pod is already assigned to node \"%s\"".formatted(assigned));
        }
        ObjectNode bound = pod.deepCopy();
        bound.withObjectProperty("spec").put("nodeName", node);
        ObjectNode condition =
                Json.object().put("type", "PodScheduled").put("status", "True").put("lastTransitionTime", now());
        ObjectNode patch = Json.object();
        patch.putObject("status").putArray("conditions").add(condition);
        bound = Patches.strategic(bound, patch, request.kind().schema());
        api.store(request.kind(), pod, bound);
        return Json.object()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Success")
                .put("code", 201);
    }

    static String now() {
        return Json.time(Instant.now());
    }
}
