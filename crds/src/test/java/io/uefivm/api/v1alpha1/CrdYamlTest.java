package io.uefivm.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrdYamlTest {
    /** The module's own folder is where the definitions are checked in, for {@code kubectl apply -f crds/}. */
    private static final Path CHECKED_IN = Path.of("").toAbsolutePath();

    @TempDir
    private Path scratch;

    @Test
    void checkedInDefinitionsAreTheGeneratedOnes() throws IOException {
        Map<String, String> generated = CrdYaml.generate(scratch);
        assertThat(generated).containsOnlyKeys("uefihosts.uefivm.io.yaml", "uefivirtualmachines.uefivm.io.yaml");
        if (Boolean.getBoolean("crds.update")) {
            for (var entry : generated.entrySet()) {
                Files.writeString(CHECKED_IN.resolve(entry.getKey()), entry.getValue());
            }
        }
        for (var entry : generated.entrySet()) {
            assertThat(CHECKED_IN.resolve(entry.getKey()))
                    .as("regenerate with: mvn -pl crds test -Dtest=CrdYamlTest -Dcrds.update=true")
                    .hasContent(entry.getValue());
        }
    }

    /** The schema's defaults and the records' own must be the same, or two readers of one object would disagree. */
    @Test
    void schemaDefaultsEqualThoseOfTheRecords() throws IOException {
        ObjectMapper mapper = Serialization.jsonMapper();
        JsonNode schema = Serialization.yamlMapper()
                .readTree(CrdYaml.generate(scratch).get("uefivirtualmachines.uefivm.io.yaml"))
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        ObjectNode given = (ObjectNode) mapper.readTree("""
                {"memory": {"size": "1Gi"},
                 "nvram": {"storage": {}},
                 "disks": [{"name": "cd", "cdrom": {}, "persistentVolumeClaim": {"claimName": "c"}}],
                 "networks": [{"name": "n", "user": {}}]}
                """);
        ObjectNode defaulted = given.deepCopy();
        applyDefaults(defaulted, schema);

        UefiVirtualMachineSpec fromRecords = mapper.treeToValue(given, UefiVirtualMachineSpec.class);
        UefiVirtualMachineSpec fromSchema = mapper.treeToValue(defaulted, UefiVirtualMachineSpec.class);

        assertThat(defaulted.at("/firmware/keys/profile").asText()).isEqualTo("Microsoft");
        assertThat(defaulted.at("/networks/0/model").asText()).isEqualTo("virtio");
        assertThat(fromSchema).isEqualTo(fromRecords);
        assertThat(mapper.readTree(mapper.writeValueAsString(fromRecords))).isEqualTo(defaulted);
    }

    /** Structural defaulting as the API server does it: a default fills an absent property, then its own properties. */
    private static void applyDefaults(JsonNode value, JsonNode schema) {
        if (value instanceof ObjectNode object) {
            schema.path("properties").properties().forEach(property -> {
                JsonNode sub = property.getValue();
                if (!object.has(property.getKey()) && sub.has("default")) {
                    object.set(property.getKey(), sub.get("default").deepCopy());
                }
                if (object.has(property.getKey())) {
                    applyDefaults(object.get(property.getKey()), sub);
                }
            });
        } else if (value.isArray()) {
            value.forEach(item -> applyDefaults(item, schema.path("items")));
        }
    }
}
