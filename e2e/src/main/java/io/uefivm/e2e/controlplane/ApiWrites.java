package io.uefivm.e2e.controlplane;

import io.uefivm.e2e.controlplane.embedded.ApiPath;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Recognises in the requests of the API those that write an object. */
final class ApiWrites {

    private ApiWrites() {}

    /**
     * Empty for reads, dry runs, and what is no write to an object (access reviews and the like).
     *
     * @param uri path and query as on the wire
     */
    static Optional<ApiWrite> of(
            String method, String uri, @Nullable String contentType, @Nullable String userAgent, int code) {
        Optional<ApiPath> parsed = ApiPath.parse(uri);
        if (parsed.isEmpty() || parsed.get().query().containsKey("dryRun")) {
            return Optional.empty();
        }
        ApiPath path = parsed.get();
        String verb = verb(
                method, Objects.requireNonNullElse(contentType, ""), path.name().isEmpty());
        if (verb.isEmpty() || path.resource().endsWith("reviews")) {
            return Optional.empty();
        }
        String agent = Objects.requireNonNullElse(userAgent, "");
        return Optional.of(new ApiWrite(
                verb,
                path.groupResource(),
                path.subresource(),
                path.namespace(),
                path.name(),
                path.query().getOrDefault("fieldManager", agent.split("/", 2)[0]),
                agent,
                code));
    }

    private static String verb(String method, String contentType, boolean collection) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> contentType.startsWith("application/apply-patch") ? "apply" : "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> "";
        };
    }
}
