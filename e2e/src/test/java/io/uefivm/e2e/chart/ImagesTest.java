package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said of the images without building them, which {@code e2e/images.sh} does: base, packages, what is copied in. */
class ImagesTest {
    private static final Pattern PACKAGES =
            Pattern.compile("apt-get install -y --no-install-recommends ([a-z0-9 .+-]+)");

    @ParameterizedTest
    @ValueSource(strings = {"operator", "node-agent"})
    void isDebianItsPackagesAndTheLayoutOfTheModule(String module) throws IOException {
        List<String> instructions = dockerfile(module)
                .lines()
                .filter(line -> line.matches("(FROM|COPY|USER|ENTRYPOINT) .*"))
                .toList();

        assertThat(instructions)
                .containsExactly(
                        "FROM debian:bookworm-slim",
                        "COPY target/layout /opt/uefivm",
                        module.equals("operator") ? "USER 65532:65532" : "USER 0:0",
                        "ENTRYPOINT [\"/opt/uefivm/start\"]");
        assertThat(Files.readAllLines(Chart.REPOSITORY.resolve(module).resolve(".dockerignore")))
                .containsExactly("*", "!target/layout");
    }

    @Test
    void shareTheLayerWithTheJavaRuntime() throws IOException {
        List<String> layers = Stream.of("operator", "node-agent")
                .map(ImagesTest::firstInstructions)
                .toList();

        assertThat(layers.get(0)).contains("FROM ", "RUN ", "openjdk").isEqualTo(layers.get(1));
    }

    /** Up to the labels: what an engine builds once if it is the same. */
    private static String firstInstructions(String module) {
        try {
            return dockerfile(module)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .takeWhile(line -> !line.startsWith("LABEL"))
                    .limit(4)
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "node-agent"})
    void namesPackagesThatDebianHas(String module) throws Exception {
        Matcher packages = PACKAGES.matcher(dockerfile(module));
        List<String> names = packages.results()
                .flatMap(found -> Stream.of(found.group(1).strip().split(" +")))
                .toList();
        assertThat(names).contains("openjdk-17-jre-headless");

        for (String name : names) {
            assertThat(output("apt-cache", "show", "--no-all-versions", name))
                    .as("apt-get update && apt-cache show " + name)
                    .contains("Package: " + name);
        }
    }

    @ParameterizedTest
    @CsvSource({"operator, uefivm-operator", "node-agent, uefivm-node-agent"})
    void layoutStarts(String module, String program) throws Exception {
        Path start = Chart.REPOSITORY.resolve(module).resolve("target/layout/start");
        assertThat(start).as("build it with: mvn -DskipTests package").isExecutable();

        assertThat(output(start.toString(), "--help")).contains("Usage: " + program);
    }

    private static String dockerfile(String module) throws IOException {
        return Files.readString(Chart.REPOSITORY.resolve(module).resolve("Dockerfile"));
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue())
                .as("%s: %s", Arrays.toString(command), output)
                .isZero();
        return output;
    }
}
