package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One kind that the API serves, built in or from a CustomResourceDefinition.
 *
 * @param group API group, empty for the core group
 * @param statusSubresource whether {@code status} can be written only through {@code /status}
 * @param selectable field paths that field selectors may name beside {@code metadata.name} and {@code metadata.namespace}
 * @param definition the CRD's version entry (schema, printer columns), null for a built-in kind
 */
record Kind(
        String group,
        String version,
        String kind,
        String plural,
        boolean namespaced,
        boolean statusSubresource,
        List<String> shortNames,
        List<String> categories,
        Set<String> selectable,
        @Nullable JsonNode definition) {

    static Kind builtIn(String groupVersion, String kind, String plural, boolean namespaced, boolean status) {
        int slash = groupVersion.indexOf('/');
        return new Kind(
                slash < 0 ? "" : groupVersion.substring(0, slash),
                groupVersion.substring(slash + 1),
                kind,
                plural,
                namespaced,
                status,
                List.of(),
                List.of(),
                Set.of(),
                null);
    }

    Kind shortNamed(String... names) {
        return new Kind(
                group,
                version,
                kind,
                plural,
                namespaced,
                statusSubresource,
                List.of(names),
                categories,
                selectable,
                definition);
    }

    Kind selectableBy(String... paths) {
        return new Kind(
                group,
                version,
                kind,
                plural,
                namespaced,
                statusSubresource,
                shortNames,
                categories,
                Set.of(paths),
                definition);
    }

    /** The kinds of a CustomResourceDefinition (apiextensions.k8s.io/v1), one for each version that is served. */
    static List<Kind> of(JsonNode crd) {
        JsonNode spec = crd.path("spec");
        JsonNode names = spec.path("names");
        List<Kind> kinds = new ArrayList<>();
        for (JsonNode version : spec.path("versions")) {
            if (!version.path("served").asBoolean()) {
                continue;
            }
            List<String> selectable = new ArrayList<>();
            version.path("selectableFields")
                    .forEach(f -> selectable.add(f.path("jsonPath").asText().substring(1)));
            kinds.add(new Kind(
                    spec.path("group").asText(),
                    version.path("name").asText(),
                    names.path("kind").asText(),
                    names.path("plural").asText(),
                    "Namespaced".equals(spec.path("scope").asText()),
                    version.path("subresources").has("status"),
                    texts(names.path("shortNames")),
                    texts(names.path("categories")),
                    Set.copyOf(selectable),
                    version));
        }
        return kinds;
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    String groupVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** As error messages name it: {@code pods}, {@code uefihosts.uefivm.io}. */
    String groupResource() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    String qualifiedKind() {
        return group.isEmpty() ? kind : kind + "." + group;
    }

    String path(@Nullable String namespace, String name) {
        return collectionPath(namespace) + "/" + name;
    }

    String collectionPath(@Nullable String namespace) {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return root + (namespace == null || !namespaced ? "" : "/namespaces/" + namespace) + "/" + plural;
    }

    boolean is(String group, String plural) {
        return this.group.equals(group) && this.plural.equals(plural);
    }

    /** The structural schema of a custom resource, or the rules for built-in types, which go by field name. */
    Schema schema() {
        return definition == null
                ? Schema.builtIn()
                : Schema.structural(definition.path("schema").path("openAPIV3Schema"));
    }
}
