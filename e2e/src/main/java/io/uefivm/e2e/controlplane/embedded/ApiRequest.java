package io.uefivm.e2e.controlplane.embedded;

import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for a resource, taken apart.
 *
 * @param name empty for a request for the whole collection
 * @param subresource such as {@code status} or {@code binding}; empty for the object itself
 */
record ApiRequest(
        HttpMethod method,
        Kind kind,
        @Nullable String namespace,
        String name,
        String subresource,
        Map<String, String> query,
        String contentType,
        String accept,
        String userAgent,
        String body) {

    /** Empty when the path names no resource that is served: discovery, health, or a resource that does not exist. */
    static Optional<ApiRequest> parse(RecordedRequest request, Kinds kinds) {
        int mark = request.getPath().indexOf('?');
        String path = mark < 0 ? request.getPath() : request.getPath().substring(0, mark);
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/")) {
            if (!segment.isEmpty()) {
                segments.add(URLDecoder.decode(segment, StandardCharsets.UTF_8));
            }
        }
        boolean core = !segments.isEmpty() && segments.get(0).equals("api");
        int root = core ? 2 : 3;
        if (segments.size() <= root || !(core || segments.get(0).equals("apis"))) {
            return Optional.empty();
        }
        String group = core ? "" : segments.get(1);
        String version = segments.get(root - 1);
        List<String> rest = segments.subList(root, segments.size());
        // namespaces/x and namespaces/x/{status,finalize} are the Namespace itself, all else below it is inside of it.
        boolean inside = rest.size() > 2
                && rest.get(0).equals("namespaces")
                && !List.of("status", "finalize").contains(rest.get(2));
        String namespace = inside ? rest.get(1) : null;
        List<String> own = inside ? rest.subList(2, rest.size()) : rest;
        return kinds.find(group, version, own.get(0))
                .map(kind -> new ApiRequest(
                        request.method(),
                        kind,
                        namespace,
                        own.size() > 1 ? own.get(1) : "",
                        own.size() > 2 ? own.get(2) : "",
                        parameters(mark < 0 ? "" : request.getPath().substring(mark + 1)),
                        header(request, "Content-Type"),
                        header(request, "Accept"),
                        header(request, "User-Agent"),
                        Objects.requireNonNullElse(request.getUtf8Body(), "")));
    }

    private static String header(RecordedRequest request, String name) {
        return Objects.requireNonNullElse(request.getHeader(name), "");
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    boolean isCollection() {
        return name.isEmpty();
    }

    boolean isStatus() {
        return subresource.equals("status");
    }

    boolean isWatch() {
        return List.of("true", "1").contains(query.getOrDefault("watch", ""));
    }

    boolean isDryRun() {
        return query.containsKey("dryRun");
    }

    boolean isApply() {
        return method == HttpMethod.PATCH && contentType.startsWith("application/apply-patch");
    }

    boolean isForced() {
        return "true".equals(query.get("force"));
    }

    boolean wantsTable() {
        return accept.contains("as=Table");
    }

    /** The field manager that the client names, else the first word of its user agent, as the API server has it. */
    String manager() {
        String named = query.get("fieldManager");
        return named != null ? named : userAgent.split("/", 2)[0];
    }

    ManagedFields.Writer writer() {
        return new ManagedFields.Writer(manager(), isApply() ? "Apply" : "Update", subresource, kind.groupVersion());
    }

    /** The path under which the object is kept, without subresource and query. */
    String storagePath() {
        return isCollection() ? kind.collectionPath(namespace) : kind.path(namespace, name);
    }
}
