package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prometheus' own tool judges the chart's alerts and the expressions of its dashboard. {@link MonitoringTest} says that the
 * operator serves what they ask for.
 */
class AlertsTest {
    private static final String VALUES = "{prometheusRule: {enabled: true}, grafanaDashboard: {enabled: true}}";
    private static final String TESTS = "alerts-test.yaml";
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

    @TempDir
    private static Path folder;

    private static Path rules;

    @BeforeAll
    static void renderTheRules() throws IOException {
        if (!Files.exists(PROMTOOL)) {
            throw new AssertionError(
                    PROMTOOL + " is missing: apt-get install -y --no-install-recommends prometheus, as root");
        }
        rules = folder.resolve("rules.yaml");
        Files.writeString(rules, Chart.YAML.writeValueAsString(spec()));
    }

    private static JsonNode spec() {
        return Chart.json(Chart.render(VALUES, "PrometheusRule", "uefivm")).get("spec");
    }

    private record Verdict(int code, String output) {}

    private static Verdict promtool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROMTOOL.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Verdict(process.waitFor(), output);
    }

    private static void assertAccepted(String... arguments) throws IOException, InterruptedException {
        Verdict verdict = promtool(arguments);
        assertThat(verdict.code()).as(verdict.output()).isZero();
    }

    private static String tests() throws IOException {
        try (InputStream in = AlertsTest.class.getResourceAsStream(TESTS)) {
            assertThat(in).as(TESTS).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void prometheusTakesTheRules() throws Exception {
        assertAccepted("check", "rules", "--lint=all", "--lint-fatal", rules.toString());
    }

    @Test
    void everyAlertIsRaisedWhenItIsDueAndNotBeforeAndReadsWell() throws Exception {
        Path file = Files.writeString(folder.resolve(TESTS), tests());
        assertAccepted("test", "rules", file.toString());

        List<String> raised = new ArrayList<>();
        for (JsonNode test : Chart.YAML.readTree(tests()).get("tests")) {
            for (JsonNode check : test.get("alert_rule_test")) {
                if (!check.get("exp_alerts").isEmpty()) {
                    raised.add(check.get("alertname").asText());
                }
            }
        }
        assertThat(raised).containsExactlyInAnyOrderElementsOf(spec().findValuesAsText("alert"));
    }

    @Test
    void aRuleThatNeverComesTrueIsNoticed() throws Exception {
        JsonNode broken = spec().deepCopy();
        ((ObjectNode) broken.at("/groups/0/rules/0")).put("expr", "vector(1) == 0");
        Path apart = Files.createDirectory(folder.resolve("broken"));
        Files.writeString(apart.resolve("rules.yaml"), Chart.YAML.writeValueAsString(broken));
        Path file = Files.writeString(apart.resolve(TESTS), tests());

        Verdict verdict = promtool("test", "rules", file.toString());
        assertThat(verdict.code()).isPositive();
        assertThat(verdict.output())
                .contains(broken.at("/groups/0/rules/0/alert").asText());
    }

    @Test
    void prometheusTakesEveryExpressionOfTheDashboard() throws Exception {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Chart.json(Chart.render(VALUES, "ConfigMap", "uefivm-dashboard"))
                        .at("/data/uefivm.json")
                        .asText());
        List<String> expressions = dashboard.get("panels").findValuesAsText("expr");
        assertThat(expressions).hasSizeGreaterThan(10);
        ObjectNode file = Chart.YAML.createObjectNode();
        ArrayNode records =
                file.putArray("groups").addObject().put("name", "dashboard").putArray("rules");
        for (int i = 0; i < expressions.size(); i++) {
            String expression = expressions.get(i).replace("$namespace", ".*");
            assertThat(expression).as("no other variable").doesNotContain("$");
            records.addObject().put("record", "panel:" + i).put("expr", expression);
        }
        Path as = Files.writeString(folder.resolve("dashboard.yaml"), Chart.YAML.writeValueAsString(file));

        assertAccepted("check", "rules", as.toString());
    }
}
