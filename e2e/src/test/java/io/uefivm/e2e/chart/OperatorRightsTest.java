package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.uefivm.agent.host.Heartbeat;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.e2e.controlplane.AgentApply;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.operator.OperatorOptions;
import io.uefivm.operator.OperatorRuntime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/**
 * The operator at work, from a host's first heartbeat to the deletion of a machine, with the rights of the chart. Without
 * leader election, which asks the API server for its rights first and which not every test server can answer.
 */
class OperatorRightsTest {
    private static final String NODE = "node-a";
    private static final String MACHINES = "machines";

    @Test
    void theRolesAllowAllThatTheOperatorDoes() {
        Rights rights = new Rights("uefivm-operator");
        try (ControlPlane controlPlane = ControlPlane.start();
                KubernetesClient operators = new KubernetesClientBuilder()
                        .withConfig(controlPlane.client().getConfiguration())
                        .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("rights", rights))
                        .build()) {
            KubernetesClient client = controlPlane.client();
            controlPlane.applyCrds();
            prepare(client);
            var options = new OperatorOptions("hold:test", Chart.NAMESPACE, false, "127.0.0.1", 0, Optional.empty());
            try (OperatorRuntime operator = OperatorRuntime.start(operators, options, Clock.systemUTC())) {
                live(client);
            }
        }

        assertThat(rights.missing()).as("used: %s", rights.used()).isEmpty();
        assertThat(rights.used())
                .contains(
                        "create pods",
                        "delete pods",
                        "create persistentvolumeclaims",
                        "delete persistentvolumeclaims",
                        "patch nodes",
                        "create uefivm.io/uefihosts",
                        "patch uefivm.io/uefivirtualmachines/status",
                        "create events.k8s.io/events");
    }

    private static void prepare(KubernetesClient client) {
        for (String name : List.of(Chart.NAMESPACE, MACHINES)) {
            Namespaces.create(client, name);
        }
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .endMetadata()
                        .build())
                .create();
        new Heartbeat(client, Chart.NAMESPACE, NODE, Clock.systemUTC()).beat();
    }

    /** A host reports, a machine is made, halted and deleted; the scheduler, the agent and kubelet are played here. */
    private static void live(KubernetesClient client) {
        GenericKubernetesResource host = object("UefiHost", "{name: " + NODE + "}", "");
        soon().until(() -> client.resource(host).get() != null);
        status(client, host, """
                virtualization: {libvirt: 9.0.0, qemu: 7.2.0, accelerator: tcg, smm: true, machineTypes: [pc-q35-7.2]}
                firmware:
                - {descriptor: 60.json, description: OVMF, codeDigest: 'sha256:aa', varsTemplateDigest: 'sha256:bb', codeSize: 1, varsSize: 1,
                   secureBoot: true, enrolledKeys: true, requiresSmm: true, machines: []}
                conditions: [%s, %s]
                """.formatted(
                        condition("Virtualization", "Running"), condition("FirmwareAvailable", "FirmwareFound")));
        soon().until(() -> "true"
                .equals(client.nodes()
                        .withName(NODE)
                        .get()
                        .getMetadata()
                        .getLabels()
                        .get(Api.LABEL_NODE_READY)));

        GenericKubernetesResource vm =
                object("UefiVirtualMachine", "{name: web, namespace: " + MACHINES + "}", "spec: {memory: {size: 1Gi}}");
        client.resource(vm).create();
        soon().until(() -> !pods(client).isEmpty());
        GenericKubernetesResource halted = client.resource(vm).get();
        halted.setAdditionalProperty("spec", Map.of("runStrategy", "Halted", "memory", Map.of("size", "1Gi")));
        client.resource(halted).update();
        soon().until(() -> {
            pods(client).forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
            return pods(client).isEmpty()
                    && "Stopped".equals(client.resource(vm).get().<String>get("status", "phase"));
        });

        client.resource(vm).delete();
        soon().until(() -> client.resource(vm).get() == null);
    }

    private static List<Pod> pods(KubernetesClient client) {
        return client.pods().inNamespace(MACHINES).list().getItems();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofMinutes(2)).ignoreExceptions();
    }

    private static void status(KubernetesClient client, GenericKubernetesResource object, String status) {
        GenericKubernetesResource patch = object(
                object.getKind(), "{name: " + object.getMetadata().getName() + "}", "status:\n" + status.indent(2));
        AgentApply.status(client, patch);
    }

    private static String condition(String type, String reason) {
        return "{type: %s, status: 'True', reason: %s, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}"
                .formatted(type, reason);
    }

    private static GenericKubernetesResource object(String kind, String metadata, String rest) {
        return Chart.parse("apiVersion: uefivm.io/v1alpha1\nkind: " + kind + "\nmetadata: " + metadata + "\n" + rest)
                .get(0);
    }
}
