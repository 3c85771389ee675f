package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * As much of {@code /openapi/v3} as kubectl needs: that patches take {@code dryRun} and {@code fieldValidation} (without
 * it {@code kubectl apply} wants to validate by itself and finds nothing to go by), and the schemas of custom resources
 * for {@code kubectl explain}.
 */
final class OpenApi {

    private static final String PREFIX = "/openapi/v3";

    private final Kinds kinds;

    OpenApi(Kinds kinds) {
        this.kinds = kinds;
    }

    /** @throws ApiFailure 404 */
    ObjectNode answer(String path) {
        return path.equals(PREFIX) ? index() : document(path.substring(PREFIX.length() + 1));
    }

    private ObjectNode index() {
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        for (Kind kind : kinds.all()) {
            paths.putObject(root(kind)).put("serverRelativeURL", PREFIX + "/" + root(kind));
        }
        return index;
    }

    private static String root(Kind kind) {
        return (kind.group().isEmpty() ? "api/" : "apis/") + kind.groupVersion();
    }

    private ObjectNode document(String root) {
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "uefivm").put("version", "v1");
        ObjectNode paths = document.putObject("paths");
        ObjectNode schemas = document.putObject("components").putObject("schemas");
        List<Kind> served =
                kinds.all().stream().filter(k -> root(k).equals(root)).toList();
        if (served.isEmpty()) {
            throw ApiFailure.unknownResource();
        }
        for (Kind kind : served) {
            ObjectNode patch = paths.putObject(kind.path(kind.namespaced() ? "{namespace}" : null, "{name}"))
                    .putObject("patch");
            patch.put("x-kubernetes-action", "patch");
            patch.set("x-kubernetes-group-version-kind", groupVersionKind(kind));
            ArrayNode parameters = patch.putArray("parameters");
            for (String name : List.of("dryRun", "fieldManager", "fieldValidation", "force")) {
                parameters.addObject().put("name", name).put("in", "query");
            }
            if (kind.definition() != null
                    && kind.definition().path("schema").path("openAPIV3Schema").deepCopy()
                            instanceof ObjectNode schema) {
                schema.putArray("x-kubernetes-group-version-kind").add(groupVersionKind(kind));
                schemas.set("%s.%s.%s".formatted(kind.group(), kind.version(), kind.kind()), schema);
            }
        }
        return document;
    }

    private static ObjectNode groupVersionKind(Kind kind) {
        return Json.object()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }
}
