package io.uefivm.e2e.controlplane;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        int mark = uri.indexOf('?');
        Map<String, String> query = query(mark < 0 ? "" : uri.substring(mark + 1));
        List<String> path = new ArrayList<>();
        for (String segment : (mark < 0 ? uri : uri.substring(0, mark)).split("/")) {
            if (!segment.isEmpty()) {
                path.add(URLDecoder.decode(segment, StandardCharsets.UTF_8));
            }
        }
        int root =
                path.isEmpty() ? 0 : path.get(0).equals("api") ? 2 : path.get(0).equals("apis") ? 3 : 0;
        if (root == 0 || path.size() <= root || query.containsKey("dryRun")) {
            return Optional.empty();
        }
        String group = root == 2 ? "" : path.get(1);
        List<String> rest = path.subList(root, path.size());
        boolean inside = rest.size() > 2
                && rest.get(0).equals("namespaces")
                && !List.of("status", "finalize").contains(rest.get(2));
        String namespace = inside ? rest.get(1) : "";
        List<String> own = inside ? rest.subList(2, rest.size()) : rest;
        String name = own.size() > 1 ? own.get(1) : "";
        String verb = verb(method, Objects.requireNonNullElse(contentType, ""), name.isEmpty());
        if (verb.isEmpty() || own.get(0).endsWith("reviews")) {
            return Optional.empty();
        }
        String agent = Objects.requireNonNullElse(userAgent, "");
        return Optional.of(new ApiWrite(
                verb,
                group.isEmpty() ? own.get(0) : own.get(0) + "." + group,
                own.size() > 2 ? own.get(2) : "",
                namespace,
                name,
                query.getOrDefault("fieldManager", agent.split("/", 2)[0]),
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

    private static Map<String, String> query(String text) {
        Map<String, String> query = new HashMap<>();
        for (String pair : text.split("&")) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }
}
