package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.e2e.controlplane.AgentApply;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.operator.OperatorOptions;
import io.uefivm.operator.OperatorRuntime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Alerts and dashboard ask for what the operator serves; {@link AlertsTest} says what Prometheus makes of it. */
class MonitoringTest {
    private static final String ALL =
            "{podMonitor: {enabled: true}, prometheusRule: {enabled: true}, grafanaDashboard: {enabled: true}}";

    private static final Pattern SAMPLE = Pattern.compile("^([a-z_0-9]+)(?:\\{(.*)})? .*");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=~?\"");
    private static final Pattern METRIC = Pattern.compile("\\buefivm_[a-z_0-9]+(?:\\{([^}]*)})?");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");

    /** Every metric of a running operator that has a VM and a host, with its labels. */
    private static final Map<String, Set<String>> SERVED = new HashMap<>();

    @BeforeAll
    static void runTheOperator() throws Exception {
        try (ControlPlane controlPlane = ControlPlane.embedded()) {
            controlPlane.applyCrds();
            KubernetesClient client = controlPlane.client();
            createFleet(client);
            try (OperatorRuntime operator = OperatorRuntime.start(
                    client,
                    new OperatorOptions("hold:1", Chart.NAMESPACE, false, "127.0.0.1", 0, Optional.empty()),
                    Clock.systemUTC())) {
                await(operator, "uefivm_vm_starts_total");
                reportOnTheVm(client);
                await(operator, "uefivm_vm_certificates_expired");
            }
        }
    }

    private static void await(OperatorRuntime operator, String metric) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            read(operator.healthPort());
            assertThat(SERVED).containsKey(metric);
        });
    }

    private static void createFleet(KubernetesClient client) {
        for (String object : List.of(
                "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(Chart.NAMESPACE),
                "{apiVersion: v1, kind: Namespace, metadata: {name: fleet}}",
                "{apiVersion: v1, kind: Node, metadata: {name: n1}}",
                """
                apiVersion: coordination.k8s.io/v1
                kind: Lease
                metadata: {name: n1, namespace: %s, labels: {uefivm.io/agent: "true"}}
                spec: {holderIdentity: n1, leaseDurationSeconds: 3600, renewTime: "%s"}
                """.formatted(Chart.NAMESPACE, Instant.now().truncatedTo(ChronoUnit.MICROS)),
                "{apiVersion: uefivm.io/v1alpha1, kind: UefiHost, metadata: {name: n1}}",
                """
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: web, namespace: fleet}
                spec: {memory: {size: 1Gi}, firmware: {secureBoot: Disabled}}
                """)) {
            client.resource("---\n" + object).create();
        }
        say(client, """
                        apiVersion: uefivm.io/v1alpha1
                        kind: UefiHost
                        metadata: {name: n1}
                        status:
                          virtualization: {accelerator: tcg, smm: false, machineTypes: [pc-q35-7.2]}
                          firmware:
                          - {descriptor: a, codeDigest: sha256:00, secureBoot: false, enrolledKeys: false, requiresSmm: false}
                          conditions:
                          - {type: Virtualization, status: "True", reason: Running, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                          - {type: FirmwareAvailable, status: "True", reason: FirmwareFound, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                        """);
    }

    private static void reportOnTheVm(KubernetesClient client) {
        say(client, """
                        apiVersion: uefivm.io/v1alpha1
                        kind: UefiVirtualMachine
                        metadata: {name: web, namespace: fleet}
                        status:
                          firmware:
                            secureBoot: SetupMode
                            certificates:
                            - {variable: db, subject: CN=Late, sha256: "00", notAfter: "2050-01-01T00:00:00Z"}
                          nvram: {claimName: c, bytesUsed: 1, bytesFree: 1}
                          conditions:
                          - {type: FirmwareAsDeclared, status: "False", reason: KeysDrifted, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
                        """);
    }

    private static void say(KubernetesClient client, String object) {
        AgentApply.status(client, client.resource(object).item());
    }

    private static void read(int port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        String body = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        body.lines().filter(line -> !line.startsWith("#")).map(SAMPLE::matcher).forEach(sample -> {
            assertThat(sample.matches()).isTrue();
            Set<String> labels = SERVED.computeIfAbsent(sample.group(1), name -> new HashSet<>());
            labels.addAll(labels(sample.group(2)));
        });
    }

    private static List<String> labels(String matchers) {
        List<String> names = new ArrayList<>();
        Matcher label = LABEL.matcher(matchers == null ? "" : matchers);
        while (label.find()) {
            names.add(label.group(1));
        }
        return names;
    }

    private static JsonNode rules() {
        return Chart.json(Chart.render(ALL, "PrometheusRule", "uefivm")).at("/spec/groups/0/rules");
    }

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper()
                .readTree(Chart.json(Chart.render(ALL, "ConfigMap", "uefivm-dashboard"))
                        .at("/data/uefivm.json")
                        .asText());
    }

    private static List<String> expressions() throws IOException {
        List<String> all = new ArrayList<>(rules().findValuesAsText("expr"));
        all.addAll(dashboard().get("panels").findValuesAsText("expr"));
        return all;
    }

    @Test
    void everyExpressionAsksForServedMetricsAndTheirLabels() throws IOException {
        assertThat(expressions()).hasSizeGreaterThan(15).allSatisfy(expression -> {
            Matcher metric = METRIC.matcher(expression);
            Set<String> known = new HashSet<>();
            int found = 0;
            while (metric.find()) {
                found++;
                String name = metric.group().replaceFirst("\\{.*", "");
                assertThat(SERVED).as(expression).containsKey(name);
                assertThat(SERVED.get(name)).as(expression).containsAll(labels(metric.group(1)));
                known.addAll(SERVED.get(name));
            }
            assertThat(found).as(expression).isPositive();
            Matcher by = BY.matcher(expression);
            while (by.find()) {
                assertThat(known).as(expression).containsAll(List.of(by.group(1).split(", *")));
            }
            assertThat(expression.chars().filter(c -> c == '(').count())
                    .isEqualTo(expression.chars().filter(c -> c == ')').count());
        });
    }

    @Test
    void everyAlertSaysWhatItIsOfInLabelsThatItsExpressionKeeps() {
        assertThat(rules()).hasSizeGreaterThanOrEqualTo(6).allSatisfy(rule -> {
            assertThat(rule.at("/labels/severity").asText()).isIn("info", "warning", "critical");
            assertThat(rule.at("/for").asText()).isNotEmpty();
            Matcher by = BY.matcher(rule.get("expr").asText());
            assertThat(by.find()).isTrue();
            List<String> kept = List.of(by.group(1).split(", *"));
            String text = rule.get("annotations").toString();
            Matcher used = Pattern.compile("\\$labels\\.([a-z_]+)").matcher(text);
            Set<String> names = new HashSet<>();
            while (used.find()) {
                names.add(used.group(1));
            }
            assertThat(names).as(text).isNotEmpty();
            assertThat(kept).as(text).containsAll(names);
        });
    }

    @Test
    void dashboardHasPanelsThatDoNotOverlap() throws IOException {
        Set<Integer> ids = new HashSet<>();
        Set<String> cells = new HashSet<>();
        for (JsonNode panel : dashboard().get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).isTrue();
            assertThat(panel.get("title").asText()).isNotEmpty();
            JsonNode at = panel.get("gridPos");
            assertThat(at.get("x").asInt() + at.get("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < at.get("w").asInt(); x++) {
                for (int y = 0; y < at.get("h").asInt(); y++) {
                    assertThat(cells.add((at.get("x").asInt() + x) + ","
                                    + (at.get("y").asInt() + y)))
                            .isTrue();
                }
            }
            assertThat(panel.findValuesAsText("uid")).containsOnly("${datasource}");
        }
    }

    @Test
    void theSidecarAndThePrometheusOperatorFindThem() {
        assertThat(Chart.render(ALL, "ConfigMap", "uefivm-dashboard")
                        .getMetadata()
                        .getLabels())
                .containsEntry("grafana_dashboard", "1");
        String labelled = """
                prometheusRule: {enabled: true, labels: {release: monitoring}}
                grafanaDashboard: {enabled: true, annotations: {grafana_folder: Virtualization}}
                """;
        assertThat(Chart.render(labelled, "PrometheusRule", "uefivm")
                        .getMetadata()
                        .getLabels())
                .containsEntry("release", "monitoring");
        assertThat(Chart.render(labelled, "ConfigMap", "uefivm-dashboard")
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("grafana_folder", "Virtualization");
    }

    /** Otherwise the namespace of the operator takes the place of the VM's. */
    @Test
    void theNamespaceOfAMetricIsThatOfItsVm() {
        assertThat(Chart.json(Chart.render(ALL, "PodMonitor", "uefivm"))
                        .at("/spec/podMetricsEndpoints/0/honorLabels")
                        .asBoolean())
                .isTrue();
    }
}
