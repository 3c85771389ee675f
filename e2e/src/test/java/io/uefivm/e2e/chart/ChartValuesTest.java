package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** values.yaml, the schema and the descriptions speak of the same values. */
class ChartValuesTest {
    private static final JsonSchemaFactory DRAFT_7 = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7);

    @Test
    void schemaIsDraft7() throws IOException {
        assertThat(DRAFT_7.getSchema(SchemaLocation.of("http://json-schema.org/draft-07/schema#"))
                        .validate(schema()))
                .isEmpty();
    }

    @Test
    void defaultsMeetTheSchema() throws IOException {
        assertThat(DRAFT_7.getSchema(schema()).validate(defaults())).isEmpty();
    }

    @Test
    void schemaAndDefaultsNameTheSameValues() throws IOException {
        List<String> inSchema = new ArrayList<>();
        collectFromSchema(schema(), "", inSchema);
        List<String> inDefaults = new ArrayList<>();
        collectFromDefaults(defaults(), schema(), "", inDefaults);

        assertThat(inDefaults).isNotEmpty().containsExactlyInAnyOrderElementsOf(inSchema);
    }

    @Test
    void everyValueIsDescribedAboveItself() throws IOException {
        List<String> lines = Files.readAllLines(Chart.DIRECTORY.resolve("values.yaml"));
        List<String> leaves = new ArrayList<>();
        collectFromSchema(schema(), "", leaves);
        List<String> undescribed = new ArrayList<>(leaves);
        String section = "";
        String image = "";
        for (int i = 0; i < lines.size(); i++) {
            String key = lines.get(i).replaceFirst(":.*", "");
            int depth = key.length() - key.stripLeading().length();
            if (key.isBlank() || key.stripLeading().startsWith("#") || depth > 4) {
                continue;
            }
            String name = key.strip();
            section = depth == 0 ? name : section;
            image = depth == 2 ? name : image;
            String path = depth == 0 ? name : depth == 2 ? section + "." + name : section + "." + image + "." + name;
            if (i > 0 && lines.get(i - 1).stripLeading().startsWith("#")) {
                undescribed.remove(path);
            }
        }

        assertThat(undescribed).isEmpty();
    }

    private static JsonNode schema() throws IOException {
        return new ObjectMapper()
                .readTree(Chart.DIRECTORY.resolve("values.schema.json").toFile());
    }

    private static JsonNode defaults() throws IOException {
        return Chart.YAML.readTree(Chart.DIRECTORY.resolve("values.yaml").toFile());
    }

    /** Values are the properties of the chart's own objects; what Kubernetes defines (resources, ...) is one value. */
    private static void collectFromSchema(JsonNode schema, String prefix, List<String> into) {
        schema.get("properties").properties().forEach(property -> {
            String path = prefix + property.getKey();
            if (isOwnObject(property.getValue())) {
                collectFromSchema(property.getValue(), path + ".", into);
            } else if (!path.equals("global")) {
                into.add(path);
            }
        });
    }

    private static void collectFromDefaults(JsonNode values, JsonNode schema, String prefix, List<String> into) {
        values.properties().forEach(value -> {
            JsonNode sub = schema.get("properties").path(value.getKey());
            if (isOwnObject(sub)) {
                collectFromDefaults(value.getValue(), sub, prefix + value.getKey() + ".", into);
            } else {
                into.add(prefix + value.getKey());
            }
        });
    }

    private static boolean isOwnObject(JsonNode schema) {
        return schema.has("properties") && !schema.path("properties").has("rollingUpdate");
    }
}
