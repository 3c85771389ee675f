package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The XML of the sample VMs, to the letter. After an intended change, {@code -DupdateGolden=true} writes the files
 * anew; the difference is then for the review to judge.
 */
class GoldenDomainTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/uefivm/agent/domain/golden");

    private static List<LibvirtSchema> schemas;

    @BeforeAll
    static void loadSchemas() {
        schemas = LibvirtSchema.all();
    }

    static Set<String> samples() {
        return SampleVms.all().keySet();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void rendersTheGoldenXml(String sample) throws IOException {
        String xml = DomainXml.render(SampleVms.all().get(sample));
        Path golden = GOLDEN.resolve(sample + ".xml");
        if (Boolean.getBoolean("updateGolden")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, xml);
        }
        assertThat(xml).isEqualTo(Files.readString(golden));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isValidToLibvirtsOwnSchema(String sample) {
        String xml = DomainXml.render(SampleVms.all().get(sample));

        assertThat(schemas)
                .allSatisfy(schema -> assertThat(schema.complaints(xml)).isEmpty());
    }

    @Test
    void schemaComplainsOfWhatLibvirtDoesNotKnow() {
        String xml =
                DomainXml.render(SampleVms.minimalLinux(Accelerator.TCG)).replace("<acpi/>", "<acpi/><warp-drive/>");

        assertThat(schemas)
                .allSatisfy(schema -> assertThat(schema.complaints(xml)).isNotEmpty());
    }

    @Test
    void everyGoldenFileHasItsSample() throws IOException {
        try (var files = Files.list(GOLDEN)) {
            Set<String> names = files.map(file -> file.getFileName().toString().replace(".xml", ""))
                    .collect(Collectors.toSet());
            assertThat(names).isEqualTo(samples());
        }
    }
}
