package io.uefivm.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.AgentInfo;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The operator in process against a real API server; the test plays user, kube-scheduler, kubelet and node agent. The
 * tests in e2e/ run on every machine and with the real parts; this one is for work on the operator alone.
 */
@EnabledIfEnvironmentVariable(
        named = "KUBE_API_TEST_DIR",
        matches = ".+",
        disabledReason = "needs the folder of a kube-apiserver, see kube-api-test")
class OperatorOnApiServerTest {
    private static final String SYSTEM = "uefivm-system";
    private static final String NODE = "n1";
    private static final String DIGEST = "sha256:" + "ab".repeat(32);
    private static final Duration SOON = Duration.ofSeconds(30);

    private static ApiServer api;
    private static KubernetesClient client;
    private static int count;

    private OperatorRuntime operator;
    private String namespace;

    @BeforeAll
    static void startApiServer() throws IOException {
        api = ApiServer.start();
        client = api.client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(SYSTEM)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void stopApiServer() {
        if (api != null) {
            api.close();
        }
    }

    @BeforeEach
    void startOperator() {
        namespace = "t" + ++count;
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        operator = start();
    }

    @AfterEach
    void stopOperator() {
        operator.close();
    }

    private static OperatorRuntime start() {
        return OperatorRuntime.start(
                client, new OperatorOptions("hold:test", SYSTEM, false, "127.0.0.1", 0), Clock.systemUTC());
    }

    @Test
    void startsStopsAndDeletes() {
        beat();
        report();
        create("web", "{runStrategy: Always, memory: {size: 512Mi}, networks: [{name: lan, user: {}}]}");

        Pod pod = awaitPod("web-1");
        assertThat(client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(NvramClaim.name(vm("web").get().getMetadata().getUid()))
                        .get())
                .isNotNull();
        assertThat(status("web").phase()).isEqualTo(Phase.Scheduling);
        assertThat(status("web").nodeName()).isNull();
        bind(pod);
        await().atMost(SOON).until(() -> NODE.equals(status("web").nodeName()));
        say("web", DomainState.Running, Reason.Running);
        awaitReady("web", "True", Reason.Running);

        UefiVirtualMachine running = vm("web").get();
        assertThat(running.getMetadata().getGeneration()).isEqualTo(1);
        assertThat(running.getStatus().identity().uuid())
                .isEqualTo(running.getMetadata().getUid());
        assertThat(running.getStatus().conditions())
                .extracting(Condition::getType)
                .containsExactlyInAnyOrder("Ready", "Scheduled", "DomainRunning");
        System.out.println(io.fabric8.kubernetes.client.utils.Serialization.asYaml(running));

        vm("web")
                .edit(vm ->
                        spec(vm, "{runStrategy: Halted, memory: {size: 512Mi}, networks: [{name: lan, user: {}}]}"));
        await().atMost(SOON)
                .until(() -> client.resource(pod).get().getMetadata().getDeletionTimestamp() != null);
        assertThat(status("web").phase()).isEqualTo(Phase.Stopping);
        say("web", DomainState.Stopped, Reason.StopRequested);
        kill(pod);
        awaitReady("web", "True", Reason.Halted);
        assertThat(status("web").nodeName()).isNull();
        assertThat(status("web").phase()).isEqualTo(Phase.Stopped);

        vm("web").delete();
        await().atMost(SOON).until(() -> vm("web").get() == null);
        await().atMost(SOON)
                .until(() -> client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .isEmpty());
        events().forEach(e -> System.out.println(e.getType() + " " + e.getReason() + " " + e.getNote()));
    }

    private void create(String name, String spec) {
        client.resource("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: %s, namespace: %s}
                spec: %s
                """.formatted(name, namespace, spec)).create();
    }

    private static UefiVirtualMachine spec(UefiVirtualMachine vm, String spec) {
        vm.setSpec(io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                "---\n" + spec, io.uefivm.api.v1alpha1.UefiVirtualMachineSpec.class));
        return vm;
    }

    private Resource<UefiVirtualMachine> vm(String name) {
        return client.resources(UefiVirtualMachine.class).inNamespace(namespace).withName(name);
    }

    private UefiVirtualMachineStatus status(String name) {
        return Optional.ofNullable(vm(name).get())
                .map(UefiVirtualMachine::getStatus)
                .orElse(UefiVirtualMachineStatus.EMPTY);
    }

    private void awaitReady(String name, String ready, Reason reason) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(status(name).condition(ConditionType.Ready))
                        .hasValueSatisfying(c ->
                                assertThat(c.getStatus() + " " + c.getReason()).isEqualTo(ready + " " + reason)));
    }

    private Pod awaitPod(String name) {
        await().atMost(SOON)
                .until(() -> client.pods().inNamespace(namespace).withName(name).get() != null);
        return client.pods().inNamespace(namespace).withName(name).get();
    }

    private List<Event> events() {
        return client.events().v1().events().inNamespace(namespace).list().getItems();
    }

    /** As kube-scheduler. */
    private void bind(Pod pod) {
        String name = pod.getMetadata().getName();
        Binding binding = new BindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewTarget()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(NODE)
                .endTarget()
                .build();
        client.raw("/api/v1/namespaces/" + namespace + "/pods/" + name + "/binding", "POST", binding);
    }

    /** As kubelet, when the container has ended. */
    private void kill(Pod pod) {
        client.resource(pod).withGracePeriod(0).delete();
    }

    /** As a node agent: its heartbeat. */
    private static void beat() {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(SYSTEM)
                        .withName(NODE)
                        .withLabels(Map.of(Api.LABEL_AGENT_LEASE, "true"))
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(NODE)
                        .withLeaseDurationSeconds(600)
                        .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .fieldManager(Api.AGENT_FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    /** As a node agent: what its host can do. */
    private static void report() {
        await().atMost(SOON)
                .until(() -> client.resources(UefiHost.class).withName(NODE).get() != null);
        UefiHost host = new UefiHost();
        host.setMetadata(new ObjectMetaBuilder().withName(NODE).build());
        host.setStatus(new UefiHostStatus(
                new AgentInfo("test"),
                new Virtualization("12.0.0", "11.0.0", "kvm", true, List.of("pc-q35-11.0")),
                List.of(new FirmwareBuild("60.json", "OVMF", DIGEST, 1L, DIGEST, 1L, true, true, true, List.of())),
                List.of(
                        condition(ConditionType.Virtualization, Reason.Running),
                        condition(ConditionType.FirmwareAvailable, Reason.FirmwareFound))));
        apply(host);
        await().atMost(SOON)
                .until(() -> client.resources(UefiHost.class)
                        .withName(NODE)
                        .get()
                        .getStatus()
                        .condition(ConditionType.Ready)
                        .filter(c -> "True".equals(c.getStatus()))
                        .isPresent());
    }

    /** As a node agent: what the domain does. */
    private void say(String name, DomainState state, Reason reason) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        UefiVirtualMachine vm = new UefiVirtualMachine();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        boolean over = state == DomainState.Stopped || state == DomainState.Failed;
        vm.setStatus(UefiVirtualMachineStatus.ofAgent(
                "pc-q35-11.0",
                null,
                new NvramStatus("c", 1L, "ab", 1, 1L, 1L, List.of(), now.toString(), null),
                new DomainStatus(
                        status(name).epoch(),
                        state,
                        reason,
                        null,
                        NODE,
                        namespace + "." + name,
                        "kvm",
                        now.toString(),
                        over ? now.toString() : null),
                List.of(condition(ConditionType.DomainRunning, reason))));
        apply(vm);
    }

    private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> void apply(T object) {
        client.resource(object)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(Api.AGENT_FIELD_MANAGER)
                        .withForce(true)
                        .build());
    }

    private static Condition condition(ConditionType type, Reason reason) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus("True")
                .withReason(reason.name())
                .withMessage("")
                .withLastTransitionTime(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }
}
