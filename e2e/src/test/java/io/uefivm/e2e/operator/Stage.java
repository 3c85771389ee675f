package io.uefivm.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
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
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.e2e.controlplane.AgentApply;
import io.uefivm.e2e.controlplane.Namespaces;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everybody but the operator, in one namespace of one API server: user, kube-scheduler, kubelet and node agent. */
final class Stage {
    static final String SYSTEM = "uefivm-system";
    static final Duration SOON = Duration.ofSeconds(60);
    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    private final KubernetesClient client;
    private final String namespace;

    Stage(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        Namespaces.create(client, namespace);
    }

    static void createNode(KubernetesClient client, String name) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** As a user. */
    UefiVirtualMachine create(String name, String spec) {
        client.resource("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: %s, namespace: %s}
                spec: %s
                """.formatted(name, namespace, spec)).create();
        return vm(name).get();
    }

    /** As a user. */
    void set(String name, String spec) {
        client.genericKubernetesResources("uefivm.io/v1alpha1", "UefiVirtualMachine")
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\nspec: " + spec);
    }

    void createClaim(String name) {
        client.resource("""
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: %s, namespace: %s}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
                """.formatted(name, namespace)).create();
    }

    Resource<UefiVirtualMachine> vm(String name) {
        return client.resources(UefiVirtualMachine.class).inNamespace(namespace).withName(name);
    }

    UefiVirtualMachineStatus status(String name) {
        return Optional.ofNullable(vm(name).get())
                .map(UefiVirtualMachine::getStatus)
                .orElse(UefiVirtualMachineStatus.EMPTY);
    }

    String message(String name) {
        return status(name)
                .condition(ConditionType.Ready)
                .map(Condition::getMessage)
                .orElse("");
    }

    void awaitReady(String name, String ready, Reason reason) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(status(name).condition(ConditionType.Ready))
                        .hasValueSatisfying(c ->
                                assertThat(c.getStatus() + " " + c.getReason()).isEqualTo(ready + " " + reason)));
    }

    Pod awaitPod(String name) {
        await().atMost(SOON).until(() -> pod(name) != null);
        return pod(name);
    }

    Pod pod(String name) {
        return client.pods().inNamespace(namespace).withName(name).get();
    }

    /** As kube-scheduler. */
    void bind(String pod, String node) {
        Binding binding = new BindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(pod)
                .endMetadata()
                .withNewTarget()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(node)
                .endTarget()
                .build();
        client.raw("/api/v1/namespaces/" + namespace + "/pods/" + pod + "/binding", "POST", binding);
    }

    /** As kubelet when the container has ended, or as a user with --force. */
    void kill(String pod) {
        client.pods().inNamespace(namespace).withName(pod).withGracePeriod(0).delete();
    }

    /** From nothing to a running VM. */
    void run(String name, long epoch, String node) {
        run(name, epoch, node, null);
    }

    /** From nothing to a VM that runs with this firmware. */
    void run(String name, long epoch, String node, @Nullable String codeDigest) {
        awaitPod(name + "-" + epoch);
        bind(name + "-" + epoch, node);
        await().atMost(SOON).until(() -> node.equals(status(name).nodeName()));
        say(name, DomainState.Running, Reason.Running, node, codeDigest);
        awaitReady(name, "True", Reason.Running);
    }

    /** As a node agent: its heartbeat. */
    static void beat(KubernetesClient client, String node, int seconds) {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(SYSTEM)
                        .withName(node)
                        .withLabels(Map.of(Api.LABEL_AGENT_LEASE, "true"))
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(node)
                        .withLeaseDurationSeconds(seconds)
                        .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .fieldManager(Api.AGENT_FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    /** As a node agent: what its host can do. */
    static void report(KubernetesClient client, String node) {
        report(client, node, List.of(DIGEST));
    }

    /** As a node agent: what its host can do, with these builds of firmware. */
    static void report(KubernetesClient client, String node, List<String> codeDigests) {
        await().atMost(SOON)
                .until(() -> client.resources(UefiHost.class).withName(node).get() != null);
        UefiHost host = new UefiHost();
        host.setMetadata(new ObjectMetaBuilder().withName(node).build());
        host.setStatus(new UefiHostStatus(
                new AgentInfo("test"),
                new Virtualization("12.0.0", "11.0.0", "kvm", true, false, List.of("pc-q35-11.0")),
                codeDigests.stream().map(Stage::build).toList(),
                List.of(),
                List.of(
                        condition(ConditionType.Virtualization, Reason.Running),
                        condition(ConditionType.FirmwareAvailable, Reason.FirmwareFound))));
        AgentApply.status(client, host);
        awaitHost(client, node, "True");
    }

    private static FirmwareBuild build(String codeDigest) {
        return new FirmwareBuild("60.json", "OVMF", codeDigest, 1L, DIGEST, 1L, true, true, true, List.of());
    }

    static void awaitHost(KubernetesClient client, String node, String ready) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(client.resources(UefiHost.class)
                                .withName(node)
                                .get()
                                .getStatus()
                                .condition(ConditionType.Ready)
                                .map(Condition::getStatus))
                        .contains(ready));
    }

    /** As a node agent: what the domain does. */
    void say(String name, DomainState state, Reason reason, String node) {
        say(name, state, reason, node, null);
    }

    /** As a node agent: what the domain does, and the firmware that it does it with. */
    void say(String name, DomainState state, Reason reason, String node, @Nullable String codeDigest) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        UefiVirtualMachine vm = new UefiVirtualMachine();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        boolean over = state == DomainState.Stopped || state == DomainState.Failed;
        vm.setStatus(UefiVirtualMachineStatus.ofAgent(
                "pc-q35-11.0",
                codeDigest == null ? null : new FirmwareStatus(null, codeDigest, null, 1L, null, List.of(), null),
                new NvramStatus("c", 1L, "ab", 1, 1L, 1L, List.of(), now, null, List.of(), null),
                new DomainStatus(
                        status(name).epoch(),
                        state,
                        reason,
                        null,
                        node,
                        namespace + "." + name,
                        "kvm",
                        now,
                        over ? now : null,
                        null),
                null,
                List.of(condition(ConditionType.DomainRunning, reason))));
        AgentApply.status(client, vm);
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
