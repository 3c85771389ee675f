package io.uefivm.e2e.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The chart of this repository, rendered by helm itself (a library, no binary). */
final class Chart {
    static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    static final Path DIRECTORY = REPOSITORY.resolve("helm/uefivm");
    static final String RELEASE = "uefivm";
    static final String NAMESPACE = "uefivm-system";
    /** What Chart.yaml asks for; the library renders for 1.20 if not told. */
    static final String OLDEST_KUBERNETES = "1.32.0";

    static final YAMLMapper YAML = new YAMLMapper();

    private Chart() {}

    static Helm helm() {
        return new Helm(DIRECTORY);
    }

    /**
     * All objects of the release, in the order in which helm prints them. Other than helm itself, the library asks a
     * cluster when a template looks something up, so {@code crds.install} is true unless {@code values} has it.
     *
     * @param values YAML in the form of a values file; may be empty
     */
    static List<GenericKubernetesResource> render(String values) {
        return withValuesFile(withoutLookup(values), file -> {
            String rendered = helm().template()
                    .withName(RELEASE)
                    .withNamespace(NAMESPACE)
                    .withKubeVersion(OLDEST_KUBERNETES)
                    .withValuesFile(file)
                    .call();
            return parse(rendered);
        });
    }

    static GenericKubernetesResource render(String values, String kind, String name) {
        return render(values).stream()
                .filter(o ->
                        o.getKind().equals(kind) && o.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the chart renders no " + kind + " " + name));
    }

    private static String withoutLookup(String values) {
        try {
            ObjectNode tree = YAML.readTree(values) instanceof ObjectNode given ? given : YAML.createObjectNode();
            ObjectNode crds = tree.withObjectProperty("crds");
            if (!crds.has("install")) {
                crds.put("install", true);
            }
            return YAML.writeValueAsString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(GenericKubernetesResource object) {
        return YAML.valueToTree(object);
    }

    static List<GenericKubernetesResource> parse(String documents) {
        try (MappingIterator<JsonNode> nodes = YAML.readerFor(JsonNode.class)
                .readValues(YAMLFactory.builder().build().createParser(documents))) {
            return nodes.readAll().stream()
                    .filter(JsonNode::isObject)
                    .map(node -> YAML.convertValue(node, GenericKubernetesResource.class))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code use} with a values file that is gone afterwards. */
    static <T> T withValuesFile(String values, Function<Path, T> use) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return use.apply(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
