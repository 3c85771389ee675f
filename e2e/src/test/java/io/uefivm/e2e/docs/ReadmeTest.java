package io.uefivm.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern NAME = Pattern.compile("`([A-Za-z]+)`");

    @Test
    void listsEveryReasonAndNoOther() throws IOException {
        assertThat(names("| group | reasons |"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Reason.values()).map(Enum::name).toList());
    }

    @Test
    void explainsEveryCondition() throws IOException {
        assertThat(names("| condition | of |"))
                .containsAll(
                        Arrays.stream(ConditionType.values()).map(Enum::name).toList());
    }

    @Test
    void showsTheQuickstartSample() throws IOException {
        String shown = readme().split("```yaml\n", 2)[1].split("```", 2)[0];
        JsonNode sample = new YAMLMapper()
                .readTree(REPOSITORY.resolve("samples/quickstart.yaml").toFile());

        assertThat(new YAMLMapper().readTree(shown)).isEqualTo(sample);
    }

    /** The names in back quotes in the table that has this head. */
    private static List<String> names(String head) throws IOException {
        List<String> table = readme().lines()
                .dropWhile(line -> !line.startsWith(head))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(table).as("table " + head).hasSizeGreaterThan(2);
        return table.stream()
                .flatMap(line -> NAME.matcher(line).results())
                .map(MatchResult::group)
                .map(name -> name.replace("`", ""))
                .toList();
    }

    private static String readme() throws IOException {
        return Files.readString(REPOSITORY.resolve("README.md"));
    }
}
