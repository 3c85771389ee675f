package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which kinds there are, the version, and health: what {@code kubectl} asks before it does anything. */
final class Discovery {

    /** The version whose behaviour is imitated; the design needs 1.32 or newer. */
    private static final String GIT_VERSION = "v1.32.0";

    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private final Kinds kinds;
    private final OpenApi openApi;

    Discovery(Kinds kinds) {
        this.kinds = kinds;
        this.openApi = new OpenApi(kinds);
    }

    MockResponse answer(RecordedRequest request) {
        String path = request.getPath().split("\\?", 2)[0].replaceAll("/+$", "");
        return switch (path) {
            case "" -> EmbeddedApi.json(200, rootPaths());
            case "/healthz", "/livez", "/readyz" ->
                new MockResponse().setResponseCode(200).setBody("ok");
            case "/version" -> EmbeddedApi.json(200, version());
            case "/api" -> EmbeddedApi.json(200, coreVersions());
            case "/apis" -> EmbeddedApi.json(200, groupList());
            case "/openapi/v2" -> noSchemas();
            default ->
                EmbeddedApi.json(200, path.startsWith("/openapi/v3") ? openApi.answer(path) : groupOrResources(path));
        };
    }

    /**
     * Debian's kubectl 1.20 applies nothing without it, and checks nothing of kinds that are not in it: an empty message. Its
     * {@code diff} and {@code explain} would need the kinds.
     */
    private static MockResponse noSchemas() {
        return new MockResponse()
                .setResponseCode(200)
                .addHeader("Content-Type", "application/octet-stream")
                .setBody("");
    }

    private static ObjectNode rootPaths() {
        ObjectNode root = Json.object();
        root.putArray("paths")
                .add("/api")
                .add("/api/v1")
                .add("/apis")
                .add("/healthz")
                .add("/version");
        return root;
    }

    private static ObjectNode version() {
        return Json.object()
                .put("major", "1")
                .put("minor", "32")
                .put("gitVersion", GIT_VERSION)
                .put("platform", "embedded");
    }

    private static ObjectNode coreVersions() {
        ObjectNode versions = Json.object().put("kind", "APIVersions");
        versions.putArray("versions").add("v1");
        versions.putArray("serverAddressByClientCIDRs");
        return versions;
    }

    private ObjectNode groupList() {
        ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        byGroup().forEach((name, versions) -> groups.add(group(name, versions)));
        return list;
    }

    private ObjectNode groupOrResources(String path) {
        if (path.equals("/api/v1")) {
            return resources("", "v1");
        }
        String[] segments = path.substring(1).split("/", -1);
        if (!segments[0].equals("apis") || segments.length > 3 || !byGroup().containsKey(segments[1])) {
            throw ApiFailure.unknownResource();
        }
        if (segments.length == 2) {
            return group(segments[1], byGroup().getOrDefault(segments[1], new TreeSet<>()))
                    .put("kind", "APIGroup")
                    .put("apiVersion", "v1");
        }
        return resources(segments[1], segments[2]);
    }

    private Map<String, SortedSet<String>> byGroup() {
        Map<String, SortedSet<String>> groups = new LinkedHashMap<>();
        for (Kind kind : kinds.all()) {
            if (!kind.group().isEmpty()) {
                groups.computeIfAbsent(kind.group(), g -> new TreeSet<>()).add(kind.version());
            }
        }
        return groups;
    }

    private static ObjectNode group(String name, SortedSet<String> versions) {
        ObjectNode group = Json.object().put("name", name);
        ArrayNode list = group.putArray("versions");
        versions.forEach(
                v -> list.addObject().put("groupVersion", name + "/" + v).put("version", v));
        group.set("preferredVersion", list.path(list.size() - 1).deepCopy());
        return group;
    }

    private ObjectNode resources(String group, String version) {
        ObjectNode list = Json.object().put("kind", "APIResourceList").put("apiVersion", "v1");
        list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
        ArrayNode resources = list.putArray("resources");
        for (Kind kind : kinds.all()) {
            if (!kind.group().equals(group) || !kind.version().equals(version)) {
                continue;
            }
            ObjectNode resource = resource(resources, kind, kind.plural(), kind.kind(), VERBS);
            resource.put("singularName", kind.kind().toLowerCase(Locale.ROOT));
            kind.shortNames().forEach(resource.putArray("shortNames")::add);
            kind.categories().forEach(resource.putArray("categories")::add);
            if (kind.statusSubresource()) {
                resource(resources, kind, kind.plural() + "/status", kind.kind(), List.of("get", "patch", "update"));
            }
            if (kind.is("", "pods")) {
                resource(resources, kind, "pods/binding", "Binding", List.of("create"));
                resource(resources, kind, "pods/eviction", "Eviction", List.of("create"))
                        .put("group", "policy")
                        .put("version", "v1");
            }
        }
        if (resources.isEmpty()) {
            throw ApiFailure.unknownResource();
        }
        return list;
    }

    private static ObjectNode resource(ArrayNode into, Kind kind, String name, String type, List<String> verbs) {
        ObjectNode resource =
                into.addObject().put("name", name).put("singularName", "").put("kind", type);
        resource.put("namespaced", kind.namespaced());
        verbs.forEach(resource.putArray("verbs")::add);
        return resource;
    }
}
