package io.uefivm.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.e2e.controlplane.AgentApply;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.e2e.controlplane.RealApiServer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a node agent may write. Agents are impersonated with what the token of a pod carries; the API server of the tests
 * lets every identity do everything, so only the chart's policies refuse.
 */
class AgentAdmissionTest {
    private static final String NAMESPACE = "machines";
    private static final String OWN_STATUS = """
            machineType: pc-q35-7.2
            firmware: {description: OVMF, secureBoot: Enforcing}
            nvram: {claimName: here, generation: 1}
            domain: {state: Running, epoch: 1}
            conditions:
            - {type: DomainRunning, status: 'True', reason: Running, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}
            - {type: NvramReady, status: 'True', reason: NvramPrepared, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}
            - {type: SecureBootEnforcing, status: 'True', reason: Enforcing, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}
            """;
    private static final String READY =
            "{type: Ready, status: '%s', reason: Running, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}";

    @RegisterExtension
    private static final RealApiServer SERVER = new RealApiServer();

    private static final String USER = "system:serviceaccount:" + Chart.NAMESPACE + ":uefivm-agent";

    private static KubernetesClient agentA;
    private static KubernetesClient agentB;
    private static KubernetesClient agentOfNoNode;

    @BeforeAll
    static void install() {
        Namespaces.create(SERVER.client(), Chart.NAMESPACE);
        Namespaces.create(SERVER.client(), NAMESPACE);
        SERVER.controlPlane().applyCrds();
        Chart.render("").stream()
                .filter(o -> o.getKind().startsWith("ValidatingAdmissionPolicy"))
                .forEach(SERVER::apply);
        agentA = agent(Map.of("authentication.kubernetes.io%2Fnode-name", List.of("node-a")));
        agentB = agent(Map.of("authentication.kubernetes.io%2Fnode-name", List.of("node-b")));
        agentOfNoNode = agent(Map.of());
        // Policies take effect a moment after they were stored, each in its own time.
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            refused(() -> agentB.resource(lease("warm-up")).create(), "Lease");
            refused(() -> agentB.resource(vm("warm-up")).create(), "status only");
        });
        SERVER.apply(vm("warm-up"));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> refused(() -> applyStatus(agentB, vm("warm-up"), OWN_STATUS), "no node"));
    }

    @AfterAll
    static void close() {
        agentA.close();
        agentB.close();
        agentOfNoNode.close();
    }

    @BeforeEach
    void placeTheMachineOnNodeA() {
        SERVER.client().resource(vm("web")).delete();
        SERVER.apply(vm("web"));
        writeStatus(
                SERVER.client(),
                vm("web"),
                "{nodeName: node-a, epoch: 1, phase: Starting, podName: web-1, conditions: ["
                        + READY.formatted("Unknown") + "]}");
    }

    @Test
    void agentOfTheNodeWritesItsPartOfTheStatus() {
        GenericKubernetesResource stored = applyStatus(agentA, vm("web"), OWN_STATUS);

        assertThat(stored.<String>get("status", "machineType")).isEqualTo("pc-q35-7.2");
        assertThat(stored.<String>get("status", "nodeName")).isEqualTo("node-a");
        assertThat(stored.<List<?>>get("status", "conditions")).hasSize(4);
        assertThat(applyStatus(agentA, vm("web"), OWN_STATUS.replace("generation: 1", "generation: 2"))
                        .<Integer>get("status", "nvram", "generation"))
                .isEqualTo(2);
    }

    @Test
    void agentOfAnotherNodeIsRefused() {
        refused(
                () -> applyStatus(agentB, vm("web"), OWN_STATUS),
                "the node agent of node-b may not write the status of a virtual machine that is placed on node-a");
    }

    /** A host that came back after its machine had started elsewhere. */
    @Test
    void agentLosesTheMachineWithTheNode() {
        applyStatus(agentA, vm("web"), OWN_STATUS);
        editStatus(SERVER.client(), "web", Map.of("nodeName", "node-b"));

        refused(() -> applyStatus(agentA, vm("web"), OWN_STATUS), "placed on node-b");
        applyStatus(agentB, vm("web"), OWN_STATUS);
    }

    @Test
    void agentWithoutANodeInItsTokenIsRefused() {
        refused(() -> applyStatus(agentOfNoNode, vm("web"), OWN_STATUS), "names no node");
        refused(() -> agentOfNoNode.resource(lease("")).create(), "names no node");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nodeName: node-b",
                "epoch: 7",
                "podName: other",
                "phase: Running",
                "observedGeneration: 9",
                "failures: 3",
                "completed: true",
                "identity: {uuid: 00000000-0000-0000-0000-000000000000}"
            })
    void agentCannotWriteWhatIsTheOperators(String field) {
        refused(() -> applyStatus(agentA, vm("web"), OWN_STATUS + field), "the rest is the operator's");
    }

    @Test
    void agentCannotRemoveWhatIsTheOperators() {
        refused(() -> writeStatus(agentA, vm("web"), "{machineType: pc-q35-7.2}"), "the rest is the operator's");
        refused(
                () -> writeStatus(
                        agentA,
                        vm("web"),
                        "{nodeName: node-a, epoch: 1, phase: Starting, podName: web-1, conditions: []}"),
                "the others are the operator's");
    }

    @Test
    void agentCannotSayThatTheMachineIsReady() {
        refused(
                () -> applyStatus(agentA, vm("web"), "conditions: [" + READY.formatted("True") + "]"),
                "the others are the operator's");
    }

    @Test
    void agentCannotChangeAnythingButStatus() {
        GenericKubernetesResource changed = vm("web");
        changed.setAdditionalProperty("spec", Map.of("memory", Map.of("size", "2Gi")));
        GenericKubernetesResource labelled = vm("web");
        labelled.getMetadata().setLabels(Map.of("uefivm.io/mine", "true"));

        refused(() -> agentA.resource(changed).patch(apply()), "writes status only");
        refused(() -> agentA.resource(labelled).patch(apply()), "writes status only");
        refused(() -> agentA.resource(vm("web")).delete(), "writes status only");
        refused(() -> agentA.resource(vm("new")).create(), "writes status only");
        refused(() -> agentA.resource(host("node-a")).create(), "writes status only");
    }

    @Test
    void agentWritesItsOwnHostOnly() {
        SERVER.apply(host("node-a"));
        SERVER.apply(host("node-b"));
        String status = "agent: {version: '1'}";

        assertThat(applyStatus(agentA, host("node-a"), status).<String>get("status", "agent", "version"))
                .isEqualTo("1");
        refused(
                () -> applyStatus(agentA, host("node-b"), status),
                "the node agent of node-a may not write the UefiHost of node-b");
        refused(
                () -> applyStatus(agentA, host("node-a"), "conditions: [" + READY.formatted("True") + "]"),
                "Ready of a UefiHost is the operator's");
    }

    @Test
    void agentWritesItsOwnLeaseOnly() {
        agentA.resource(lease("node-a")).create();
        agentA.resource(lease("node-a")).patch(apply());
        SERVER.apply(lease("node-b"));

        refused(
                () -> agentA.resource(lease("node-b")).patch(apply()),
                "the node agent of node-a may not write the Lease of node-b");
        refused(() -> agentA.resource(lease("node-b")).delete(), "may not write the Lease of node-b");
        refused(() -> agentA.resource(lease("uefivm-operator")).create(), "may not write the Lease");
    }

    @Test
    void agentSpeaksForItselfInEventsOnly() {
        new EventRecorder(agentA, "uefivm.io/node-agent", "node-a", Clock.systemUTC())
                .normal(vm("web"), Reason.Running, "the domain runs");
        assertThat(SERVER.client()
                        .events()
                        .v1()
                        .events()
                        .inNamespace(NAMESPACE)
                        .list()
                        .getItems())
                .extracting(Event::getNote)
                .containsExactly("the domain runs");

        Event foreign = SERVER.client()
                .events()
                .v1()
                .events()
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .get(0)
                .edit()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(NAMESPACE)
                        .withName("of-another")
                        .build())
                .build();
        refused(() -> agentB.resource(foreign).create(), "the node agent of node-b may not write the Event of node-a");
    }

    private static void refused(ThrowingCallable request, String because) {
        assertThatThrownBy(request)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining(because);
    }

    private static KubernetesClient agent(Map<String, List<String>> extra) {
        Config config = new ConfigBuilder(SERVER.client().getConfiguration())
                .withImpersonateUsername(USER)
                .withImpersonateGroups("system:serviceaccounts", "system:authenticated")
                .withImpersonateExtras(extra)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static GenericKubernetesResource vm(String name) {
        return Chart.parse("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: %s, namespace: %s}
                spec: {memory: {size: 1Gi}}
                """.formatted(name, NAMESPACE)).get(0);
    }

    private static GenericKubernetesResource host(String name) {
        return Chart.parse("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiHost
                metadata: {name: %s}
                """.formatted(name)).get(0);
    }

    private static Lease lease(String name) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(name.isEmpty() ? "none" : name)
                .withNamespace(Chart.NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .endSpec()
                .build();
    }

    private static PatchContext apply() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(Api.AGENT_FIELD_MANAGER)
                .withForce(true)
                .build();
    }

    private static GenericKubernetesResource applyStatus(
            KubernetesClient as, GenericKubernetesResource object, String status) {
        return AgentApply.status(as, withStatus(object, status));
    }

    /** Replaces the whole status, as an agent that keeps to no field ownership could. */
    private static HasMetadata writeStatus(KubernetesClient as, GenericKubernetesResource object, String status) {
        return as.resource(withStatus(object, status)).updateStatus();
    }

    private static void editStatus(KubernetesClient as, String name, Map<String, Object> fields) {
        GenericKubernetesResource stored = as.resource(vm(name)).get();
        Map<String, Object> status = stored.get("status");
        status.putAll(fields);
        as.resource(stored).updateStatus();
    }

    private static GenericKubernetesResource withStatus(GenericKubernetesResource object, String status) {
        try {
            object.setAdditionalProperty("status", Chart.YAML.readValue(status, Map.class));
            object.getAdditionalProperties().remove("spec");
            return object;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(status, e);
        }
    }
}
