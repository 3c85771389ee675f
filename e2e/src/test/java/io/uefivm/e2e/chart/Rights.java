package io.uefivm.e2e.chart;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Compares the requests of a client with what a role of the chart allows. The API servers of the tests let everybody do
 * everything; without this a missing verb would show on a real cluster first.
 */
final class Rights implements Interceptor {
    private final JsonNode everywhere;
    private final JsonNode inNamespace;
    private final Set<String> used = new ConcurrentSkipListSet<>();
    private final Set<String> missing = new ConcurrentSkipListSet<>();

    /** The rights of the ClusterRole and the Role that have this name. */
    Rights(String role) {
        everywhere = Chart.json(Chart.render("", "ClusterRole", role)).get("rules");
        inNamespace = Chart.json(Chart.render("", "Role", role)).get("rules");
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        Access access = Access.of(request.method(), request.uri());
        if (access == null) {
            return;
        }
        used.add(access.toString());
        boolean allowed =
                allows(everywhere, access) || Chart.NAMESPACE.equals(access.namespace()) && allows(inNamespace, access);
        if (!allowed) {
            missing.add(access.toString());
        }
    }

    /** Requests that the role does not allow, as "verb group/resource". */
    Set<String> missing() {
        return new TreeSet<>(missing);
    }

    /** All requests. */
    Set<String> used() {
        return new TreeSet<>(used);
    }

    private static boolean allows(JsonNode rules, Access access) {
        return StreamSupport.stream(rules.spliterator(), false)
                .anyMatch(rule -> contains(rule.get("apiGroups"), access.group())
                        && contains(rule.get("resources"), access.resource())
                        && contains(rule.get("verbs"), access.verb()));
    }

    private static boolean contains(JsonNode array, String text) {
        return StreamSupport.stream(array.spliterator(), false)
                .anyMatch(item -> item.asText().equals(text));
    }

    /**
     * A request as RBAC sees it.
     *
     * @param resource with its subresource, for example {@code pods/status}
     * @param namespace empty for all namespaces and for what has none
     */
    record Access(String verb, String group, String resource, String namespace) {
        /** Null for what is not about a resource, as discovery. */
        static @Nullable Access of(String method, URI uri) {
            String[] path = uri.getPath().replaceFirst("^/", "").split("/");
            boolean core = path[0].equals("api");
            int at = core ? 2 : 3;
            if (path.length <= at) {
                return null;
            }
            String namespace = "";
            if (path[at].equals("namespaces") && path.length > at + 2) {
                namespace = path[at + 1];
                at += 2;
            }
            boolean named = path.length > at + 1;
            String resource = path.length > at + 2 ? path[at] + "/" + path[at + 2] : path[at];
            String query = uri.getQuery() == null ? "" : uri.getQuery();
            String verb = switch (method) {
                case "POST" -> "create";
                case "PUT" -> "update";
                case "PATCH" -> "patch";
                case "DELETE" -> named ? "delete" : "deletecollection";
                default -> query.contains("watch=true") ? "watch" : named ? "get" : "list";
            };
            return new Access(verb, core ? "" : path[1], resource, namespace);
        }

        @Override
        public String toString() {
            return verb + " " + (group.isEmpty() ? "" : group + "/") + resource;
        }
    }
}
