package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ChartTest {
    private static final Path CRDS = Chart.REPOSITORY.resolve("crds");
    private static final Path COPIES = Chart.DIRECTORY.resolve("files/crds");

    @Test
    void lintsStrictly() {
        LintResult result = Chart.helm().lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    /** Helm reads nothing outside of a chart, so the definitions are copied into it. */
    @Test
    void definitionsInTheChartAreThoseOfTheCrdsFolder() throws IOException {
        Map<String, String> source = yamlFiles(CRDS);
        if (Boolean.getBoolean("crds.update")) {
            for (var file : source.entrySet()) {
                Files.writeString(COPIES.resolve(file.getKey()), file.getValue());
            }
        }

        assertThat(source).isNotEmpty();
        assertThat(yamlFiles(COPIES))
                .as("copy with: mvn -pl e2e -am test -Dtest=ChartTest -Dcrds.update=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(source);
    }

    @Test
    void rendersTheDefinitionsUnchangedButForTheirMetadata() throws IOException {
        Map<String, JsonNode> rendered = Chart.render("").stream()
                .filter(o -> o.getKind().equals("CustomResourceDefinition"))
                .collect(Collectors.toMap(
                        o -> o.getMetadata().getName() + ".yaml",
                        o -> Chart.json(o).get("spec")));
        // Helm writes 512.0 as 512.
        Comparator<JsonNode> sameNumber =
                (a, b) -> a.isNumber() && b.isNumber() && a.asDouble() == b.asDouble() ? 0 : a.equals(b) ? 0 : 1;

        assertThat(rendered.keySet()).isEqualTo(yamlFiles(CRDS).keySet());
        for (var crd : yamlFiles(CRDS).entrySet()) {
            JsonNode spec = Chart.json(Chart.parse(crd.getValue()).get(0)).get("spec");
            assertThat(rendered.get(crd.getKey()).equals(sameNumber, spec))
                    .as(crd.getKey())
                    .isTrue();
        }
    }

    @Test
    void keepsTheDefinitionsOnUninstallUnlessToldOtherwise() {
        String name = "uefivirtualmachines.uefivm.io";

        assertThat(Chart.render("", "CustomResourceDefinition", name)
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("helm.sh/resource-policy", "keep");
        assertThat(Chart.render("crds: {keep: false}", "CustomResourceDefinition", name)
                        .getMetadata()
                        .getAnnotations())
                .isNullOrEmpty();
        assertThat(kinds("crds: {install: false}")).doesNotContain("CustomResourceDefinition");
    }

    @Test
    void makesOptionalObjectsOnRequestOnly() {
        assertThat(kinds(""))
                .doesNotContain("NetworkPolicy", "PodMonitor", "PodDisruptionBudget", "PrometheusRule", "ConfigMap");
        assertThat(kinds("operator: {replicas: 2}")).contains("PodDisruptionBudget");
        assertThat(kinds("networkPolicy: {enabled: true}")).contains("NetworkPolicy");
        assertThat(kinds("podMonitor: {enabled: true}")).contains("PodMonitor");
        assertThat(kinds("prometheusRule: {enabled: true}")).contains("PrometheusRule");
        assertThat(kinds("grafanaDashboard: {enabled: true}")).contains("ConfigMap");
    }

    /** The value sets render together: no indentation breaks when an optional part is there. */
    @Test
    void everyValueReachesItsObject() {
        String component = """
                  image: {repository: registry:5000/here/it, digest: "sha256:%s", pullPolicy: Always}
                  extraEnv: [{name: JAVA_TOOL_OPTIONS, value: -Xmx1g}]
                  podAnnotations: {note: this}
                  podLabels: {team: vm}
                  nodeSelector: {disk: ssd}
                  tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
                  affinity: {nodeAffinity: {}}
                  priorityClassName: high
                  resources: {limits: {memory: 1Gi}}
                """.formatted("0".repeat(64));
        String all =
                "imagePullSecrets: [{name: pull}]\noperator:\n" + component + "agent:\n" + component + """
                kubeletDir: /var/lib/k0s/kubelet
                accelerator: kvm
                libvirtUri: qemu:///session
                updateStrategy: {type: OnDelete, rollingUpdate: null}
                """.indent(2);

        JsonNode operator = Chart.json(Chart.render(all, "Deployment", "uefivm-operator"));
        JsonNode agent = Chart.json(Chart.render(all, "DaemonSet", "uefivm-agent"));

        for (JsonNode workload : List.of(operator, agent)) {
            JsonNode template = workload.at("/spec/template");
            JsonNode container = template.at("/spec/containers/0");
            assertThat(template.at("/spec/imagePullSecrets/0/name").asText()).isEqualTo("pull");
            assertThat(template.at("/metadata/annotations/note").asText()).isEqualTo("this");
            assertThat(template.at("/metadata/labels/team").asText()).isEqualTo("vm");
            assertThat(template.at("/spec/nodeSelector/disk").asText()).isEqualTo("ssd");
            assertThat(template.at("/spec/tolerations/0/key").asText()).isEqualTo("gpu");
            assertThat(template.at("/spec/affinity").has("nodeAffinity")).isTrue();
            assertThat(template.at("/spec/priorityClassName").asText()).isEqualTo("high");
            assertThat(container.at("/resources/limits/memory").asText()).isEqualTo("1Gi");
            assertThat(container.at("/imagePullPolicy").asText()).isEqualTo("Always");
            assertThat(container.at("/image").asText()).startsWith("registry:5000/here/it@sha256:");
            assertThat(container.at("/env").findValuesAsText("name")).contains("JAVA_TOOL_OPTIONS");
        }
        assertThat(agent.at("/spec/updateStrategy")).isEqualTo(Chart.YAML.valueToTree(Map.of("type", "OnDelete")));
        assertThat(texts(agent.at("/spec/template/spec/containers/0/args")))
                .contains("--accelerator=kvm", "--libvirt-uri=qemu:///session", "--kubelet-dir=/var/lib/k0s/kubelet");
        assertThat(agent.at("/spec/template/spec").findValuesAsText("mountPath"))
                .contains("/var/lib/k0s/kubelet");
    }

    @Test
    void operatorMeetsTheRestrictedPodSecurityLevel() {
        JsonNode pod =
                Chart.json(Chart.render("", "Deployment", "uefivm-operator")).at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0/securityContext");

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(container.at("/allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(container.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(texts(container.at("/capabilities/drop"))).containsExactly("ALL");
        assertThat(pod.findValues("hostPath")).isEmpty();
        assertThat(pod.findValues("privileged")).isEmpty();
    }

    @Test
    void operatorUnderstandsItsArguments() {
        JsonNode container =
                Chart.json(Chart.render("", "Deployment", "uefivm-operator")).at("/spec/template/spec/containers/0");

        CommandLine.ParseResult arguments = parsed(new io.uefivm.operator.Main(), container);

        assertThat(arguments.<String>matchedOptionValue("--namespace", "")).isEqualTo(Chart.NAMESPACE);
        assertThat(arguments.<String>matchedOptionValue("--hold-image", ""))
                .isEqualTo(Chart.json(Chart.render("", "DaemonSet", "uefivm-agent"))
                        .at("/spec/template/spec/containers/0/image")
                        .asText());
        assertThat(arguments.<Boolean>matchedOptionValue("--leader-elect", false))
                .isTrue();
        assertThat(arguments.<Integer>matchedOptionValue("--health-port", 0))
                .isEqualTo(container.at("/ports/0/containerPort").asInt());
    }

    @Test
    void operatorIsToldWhoTakesNewFirmwareFirst() {
        String values = "firmwareRollout: {enabled: true, percentage: 5, matchLabels: {ring: canary, site/of: b}}";
        JsonNode container = Chart.json(Chart.render(values, "Deployment", "uefivm-operator"))
                .at("/spec/template/spec/containers/0");

        CommandLine.ParseResult arguments = parsed(new io.uefivm.operator.Main(), container);

        assertThat(arguments.matchedOptionValue("--firmware-rollout-percentage", Optional.empty()))
                .isEqualTo(Optional.of(5));
        assertThat(arguments.matchedOptionValue("--firmware-rollout-label", Map.of()))
                .isEqualTo(Map.of("ring", "canary", "site/of", "b"));
        assertThat(Chart.json(Chart.render("", "Deployment", "uefivm-operator")).toString())
                .doesNotContain("firmware-rollout");
    }

    /** Each directory that the agent is told of is a mount of its own, at the path that the host has it at. */
    @Test
    void agentUnderstandsItsArguments() {
        JsonNode pod = Chart.json(Chart.render("", "DaemonSet", "uefivm-agent")).at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        List<String> mounts = container.get("volumeMounts").findValuesAsText("mountPath");

        CommandLine.ParseResult arguments = parsed(new io.uefivm.agent.Main(), container);

        assertThat(arguments.<String>matchedOptionValue("--namespace", "")).isEqualTo(Chart.NAMESPACE);
        assertThat(arguments.<Integer>matchedOptionValue("--health-port", 0))
                .isEqualTo(container.at("/ports/0/containerPort").asInt());
        for (String option : List.of("--state-dir", "--kubelet-dir", "--swtpm-dir", "--host-root")) {
            Path directory = arguments.commandSpec().findOption(option).getValue();
            assertThat(mounts).as(option).contains(directory.toString());
        }
        assertThat(pod.get("volumes").findValuesAsText("path"))
                .containsExactlyInAnyOrder(
                        "/", "/dev", "/run/libvirt", "/var/lib/kubelet", "/var/lib/libvirt/swtpm", "/var/lib/uefivm");
    }

    @Test
    void agentSharesMountsWithTheHostWhereQemuHasToSeeThemOnly() {
        JsonNode pod = Chart.json(Chart.render("", "DaemonSet", "uefivm-agent")).at("/spec/template/spec");
        Map<String, String> propagation = new TreeMap<>();
        pod.at("/containers/0/volumeMounts")
                .forEach(m -> propagation.put(
                        m.get("mountPath").asText(), m.path("mountPropagation").asText("None")));

        assertThat(propagation)
                .containsOnly(
                        Map.entry("/tmp", "None"),
                        Map.entry("/var/lib/uefivm", "Bidirectional"),
                        Map.entry("/var/lib/libvirt/swtpm", "Bidirectional"),
                        Map.entry("/var/lib/kubelet", "HostToContainer"),
                        Map.entry("/run/libvirt", "HostToContainer"),
                        Map.entry("/dev", "HostToContainer"),
                        Map.entry("/host", "HostToContainer"));
        assertThat(pod.has("hostPID") || pod.has("hostNetwork") || pod.has("hostIPC"))
                .isFalse();
    }

    @Test
    void agentMayWriteStatusEventsAndLeasesOnly() {
        assertThat(rights("ClusterRole", "uefivm-agent"))
                .containsExactlyInAnyOrder(
                        "get,list,watch uefivirtualmachines,uefihosts",
                        "patch,update uefivirtualmachines/status,uefihosts/status",
                        "get,list,watch pods,persistentvolumeclaims,persistentvolumes",
                        "create events");
        assertThat(rights("Role", "uefivm-agent")).containsExactly("get,create,patch,update leases");
    }

    @Test
    void nobodyMayReadSecretsOrUseWildcards() {
        for (GenericKubernetesResource role : Chart.render("")) {
            if (role.getKind().endsWith("Role")) {
                assertThat(rights(role.getKind(), role.getMetadata().getName()))
                        .as("%s", role.getMetadata().getName())
                        .noneMatch(right -> right.contains("secrets") || right.contains("*"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "operater: {}",
                "operator: {replica: 2}",
                "operator: {replicas: two}",
                "operator: {replicas: 0}",
                "operator: {image: uefivm/operator:1}",
                "operator: {image: {digest: 'md5:1'}}",
                "operator: {image: {pullPolicy: Sometimes}}",
                "operator: {tolerations: {key: a}}",
                "operator: {podLabels: {a: 1}}",
                "agent: {accelerator: xen}",
                "agent: {libvirtUri: /run/libvirt}",
                "agent: {kubeletDir: var/lib/kubelet}",
                "agent: {updateStrategy: {rollingUpdate: {maxSurge: 1}}}",
                "agent: {extraEnv: [{value: nameless}]}",
                "crds: {install: perhaps}",
                "networkPolicy: {metricsFrom: {}}",
                "podMonitor: {interval: 5}",
                "prometheusRule: {enabled: sometimes}",
                "grafanaDashboard: {labels: {grafana_dashboard: 1}}",
                "grafanaDashboard: {folder: VMs}"
            })
    void refusesValuesItDoesNotKnow(String values) {
        assertThatThrownBy(() -> Chart.render(values))
                .as(values)
                .hasMessageContaining("values don't meet the specifications of the schema");
    }

    private static CommandLine.ParseResult parsed(Object program, JsonNode container) {
        return new CommandLine(program).parseArgs(texts(container.get("args")).toArray(String[]::new));
    }

    private static List<String> kinds(String values) {
        return Chart.render(values).stream()
                .map(GenericKubernetesResource::getKind)
                .toList();
    }

    private static List<String> rights(String kind, String name) {
        List<String> rights = new ArrayList<>();
        Chart.json(Chart.render("", kind, name))
                .get("rules")
                .forEach(rule -> rights.add(String.join(",", texts(rule.get("verbs"))) + " "
                        + String.join(",", texts(rule.get("resources")))));
        return rights;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static Map<String, String> yamlFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Map<String, String> contents = new TreeMap<>();
            for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file));
            }
            return contents;
        }
    }
}
