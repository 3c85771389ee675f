package io.uefivm.e2e.controlplane.embedded;

import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.RecordedRequest;
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
        return ApiPath.parse(request.getPath())
                .flatMap(path -> kinds.find(path.group(), path.version(), path.resource())
                        .map(kind -> new ApiRequest(
                                request.method(),
                                kind,
                                path.namespace().isEmpty() ? null : path.namespace(),
                                path.name(),
                                path.subresource(),
                                path.query(),
                                header(request, "Content-Type"),
                                header(request, "Accept"),
                                header(request, "User-Agent"),
                                Objects.requireNonNullElse(request.getUtf8Body(), ""))));
    }

    private static String header(RecordedRequest request, String name) {
        return Objects.requireNonNullElse(request.getHeader(name), "");
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
