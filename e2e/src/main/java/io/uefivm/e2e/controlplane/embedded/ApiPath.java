package io.uefivm.e2e.controlplane.embedded;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The path and query of a request for a resource, such as {@code /apis/uefivm.io/v1alpha1/namespaces/a/uefivirtualmachines/b/status}.
 *
 * @param group empty for the core group
 * @param resource the plural
 * @param namespace empty outside of namespaces, and for all of them
 * @param name empty for the whole collection
 * @param subresource such as {@code status}; empty for the object itself
 */
public record ApiPath(
        String group,
        String version,
        String resource,
        String namespace,
        String name,
        String subresource,
        Map<String, String> query) {

    private static final List<String> NAMESPACE_SUBRESOURCES = List.of("status", "finalize");

    public ApiPath {
        query = Map.copyOf(query);
    }

    /** Empty when the URI names no resource: discovery, health, and the like. */
    public static Optional<ApiPath> parse(String uri) {
        int mark = uri.indexOf('?');
        List<String> segments = segments(mark < 0 ? uri : uri.substring(0, mark));
        boolean core = !segments.isEmpty() && segments.get(0).equals("api");
        int root = core ? 2 : 3;
        if (segments.size() <= root || !(core || segments.get(0).equals("apis"))) {
            return Optional.empty();
        }
        List<String> rest = segments.subList(root, segments.size());
        // namespaces/x and namespaces/x/status are the Namespace itself, all else below it is inside of it.
        boolean inside =
                rest.size() > 2 && rest.get(0).equals("namespaces") && !NAMESPACE_SUBRESOURCES.contains(rest.get(2));
        List<String> own = inside ? rest.subList(2, rest.size()) : rest;
        return Optional.of(new ApiPath(
                core ? "" : segments.get(1),
                segments.get(root - 1),
                own.get(0),
                inside ? rest.get(1) : "",
                own.size() > 1 ? own.get(1) : "",
                own.size() > 2 ? own.get(2) : "",
                parameters(mark < 0 ? "" : uri.substring(mark + 1))));
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            if (!segment.isEmpty()) {
                segments.add(decode(segment));
            }
        }
        return segments;
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            if (!parts[0].isEmpty()) {
                parameters.put(decode(parts[0]), parts.length < 2 ? "" : decode(parts[1]));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** As messages name it: {@code pods}, {@code uefihosts.uefivm.io}. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + "." + group;
    }
}
