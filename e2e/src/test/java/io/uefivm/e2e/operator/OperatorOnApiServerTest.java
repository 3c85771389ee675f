package io.uefivm.e2e.operator;

import static io.uefivm.e2e.operator.Stage.SOON;
import static io.uefivm.e2e.operator.Stage.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.OnAny;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.e2e.controlplane.RealApiServer;
import io.uefivm.operator.OperatorOptions;
import io.uefivm.operator.OperatorRuntime;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The operator in process against a real API server; the test plays everybody else. The tests in e2e/ run on every
 * machine and with the real parts; this one is the operator's alone.
 */
class OperatorOnApiServerTest {
    private static final String NODE = "n1";
    private static final String SMALL = "{runStrategy: %s, memory: {size: 512Mi}, networks: [{name: lan, user: {}}]}";

    @RegisterExtension
    static final RealApiServer API = new RealApiServer();

    private static KubernetesClient client;
    private static int count;

    private OperatorRuntime operator;
    private String namespace;
    private Stage stage;

    @BeforeAll
    static void startApiServer() throws IOException {
        API.controlPlane().applyCrds();
        client = API.client();
        Namespaces.create(client, SYSTEM);
        Stage.createNode(client, NODE);
        Stage.createNode(client, "n2");
    }

    @BeforeEach
    void startOperator() {
        namespace = "t" + ++count;
        stage = new Stage(client, namespace);
        operator = start();
        Stage.beat(client, NODE, 600);
        Stage.report(client, NODE);
    }

    @AfterEach
    void stopOperator() {
        operator.close();
    }

    private static OperatorRuntime start() {
        return OperatorRuntime.start(
                client,
                new OperatorOptions("hold:test", SYSTEM, false, "127.0.0.1", 0, Optional.empty()),
                Clock.systemUTC());
    }

    private String metrics() throws IOException, InterruptedException {
        return get("/metrics").body();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + operator.healthPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private List<String> writesMetrics() throws IOException, InterruptedException {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("uefivm_api_writes"))
                .toList();
    }

    @Test
    void startIsFourWritesAndStopThree() {
        List<UefiVirtualMachine> versions = new CopyOnWriteArrayList<>();
        try (var informer = client.resources(UefiVirtualMachine.class)
                .inNamespace(namespace)
                .inform(new OnAny<>(versions::add))) {
            assertThat(informer.hasSynced()).isTrue();
            stage.create("web", SMALL.formatted("Always"));
            stage.run("web", 1, NODE);
            // Created, finalizer; raised, placed, agent, ready.
            await().atMost(SOON).untilAsserted(() -> assertThat(versions).hasSize(2 + 4));

            UefiVirtualMachine vm = stage.vm("web").get();
            assertThat(vm.getMetadata().getGeneration()).isEqualTo(1);
            assertThat(vm.getStatus().identity().uuid())
                    .isEqualTo(vm.getMetadata().getUid());
            assertThat(vm.getStatus().machineType()).isEqualTo("pc-q35-11.0");
            assertThat(vm.getStatus().conditions())
                    .extracting(Condition::getType)
                    .containsExactlyInAnyOrder("Ready", "Scheduled", "DomainRunning");

            stage.set("web", SMALL.formatted("Halted"));
            await().atMost(SOON).until(() -> stage.pod("web-1").getMetadata().getDeletionTimestamp() != null);
            assertThat(stage.status("web").phase()).isEqualTo(Phase.Stopping);
            stage.say("web", DomainState.Stopped, Reason.StopRequested, NODE);
            stage.kill("web-1");
            stage.awaitReady("web", "True", Reason.Halted);
            assertThat(stage.status("web").nodeName()).isNull();
            assertThat(stage.status("web").podName()).isNull();
            assertThat(stage.status("web").domain()).isNotNull();
            // The user's change; stopping, agent, stopped.
            await().atMost(SOON).untilAsserted(() -> assertThat(versions).hasSize(2 + 4 + 1 + 3));
        }
        assertThat(reasons()).contains("Scheduling", "ClaimCreated", "Starting", "Running", "Stopping", "Halted");
    }

    private List<String> reasons() {
        return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .map(Event::getReason)
                .toList();
    }

    @Test
    void unchangedVmIsNotWrittenAndARestartOfTheOperatorWritesNothing() throws Exception {
        stage.create("web", SMALL.formatted("Always"));
        stage.run("web", 1, NODE);
        List<String> before = writesMetrics();
        assertThat(before).anyMatch(line -> line.contains("kind=\"Pod\""));
        assertThat(metrics()).contains("uefivm_vms{phase=\"Running\"}").contains("uefivm_vm_starts_total 1.0");
        assertThat(metrics()).contains("jvm_memory_used_bytes{area=\"heap\"");
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        long reconciled = reconciliations();

        stage.vm("web").edit(vm -> {
            vm.getMetadata().setLabels(Map.of("touched", "yes"));
            return vm;
        });
        await().atMost(SOON).until(() -> reconciliations() > reconciled);
        assertThat(writesMetrics()).isEqualTo(before);

        operator.close();
        String version = stage.vm("web").get().getMetadata().getResourceVersion();
        operator = start();
        await().atMost(SOON).until(() -> reconciliations() > 0);
        assertThat(writesMetrics()).isEmpty();
        assertThat(stage.vm("web").get().getMetadata().getResourceVersion()).isEqualTo(version);
    }

    private long reconciliations() throws IOException, InterruptedException {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("operator_sdk_controllers_execution_reconcile_success_total"))
                .filter(line -> line.contains("uefivirtualmachine"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aChangedSpecOfARunningVmIsOneWriteThatNamesWhatWaits() throws Exception {
        stage.create("web", SMALL.formatted("Always"));
        stage.run("web", 1, NODE);
        String ready = "uefivm_vm_ready{name=\"web\",namespace=\"" + namespace + "\"} 1.0";
        String waits = "uefivm_vm_restart_required{name=\"web\",namespace=\"" + namespace + "\"} ";
        assertThat(metrics()).contains(ready, waits + "0.0");
        long before = statusWrites();

        stage.set("web", "{memory: {size: 1Gi}, nvram: {request: {token: t1, action: EnrollKeys}}}");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(stage.status("web").condition(ConditionType.RestartRequired))
                        .hasValueSatisfying(condition -> assertThat(condition.getMessage())
                                .contains("nvram.request t1 (EnrollKeys)", "memory")));
        stage.awaitReady("web", "True", Reason.Running);
        await().atMost(SOON).untilAsserted(() -> assertThat(metrics()).contains(ready, waits + "1.0"));
        assertThat(statusWrites()).isEqualTo(before + 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(reasons()).contains("RequestPending"));

        stage.vm("web").delete();
        await().atMost(SOON).until(() -> stage.pod("web-1").getMetadata().getDeletionTimestamp() != null);
        stage.kill("web-1");
        await().atMost(SOON).until(() -> stage.vm("web").get() == null);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(metrics()).doesNotContain("name=\"web\",namespace=\"" + namespace));
    }

    private long statusWrites() throws IOException, InterruptedException {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("uefivm_api_writes_total{kind=\"UefiVirtualMachine\",verb=\"status\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void forceDeletedPodIsFollowedByTheNextEpochElsewhere() {
        stage.create("web", SMALL.formatted("Always"));
        stage.run("web", 1, NODE);
        stage.kill("web-1");
        Pod pod = stage.awaitPod("web-2");
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("uefivm.io/epoch", "2");
        assertThat(stage.status("web").nodeName()).isNull();
        stage.run("web", 2, NODE);
    }

    @Test
    void crashIsFollowedByBackOffAndANewEpoch() {
        stage.create("web", SMALL.formatted("RerunOnFailure"));
        stage.run("web", 1, NODE);
        stage.say("web", DomainState.Stopped, Reason.Crashed, NODE);
        await().atMost(SOON).until(() -> stage.pod("web-1").getMetadata().getDeletionTimestamp() != null);
        stage.kill("web-1");
        stage.awaitReady("web", "False", Reason.BackOff);
        assertThat(stage.status("web").failures()).isEqualTo(1);
        assertThat(stage.message("web")).contains(stage.status("web").nextStartTime());
        stage.run("web", 2, NODE);
        assertThat(stage.status("web").nextStartTime()).isNull();

        stage.say("web", DomainState.Stopped, Reason.GuestShutdown, NODE);
        stage.kill("web-2");
        stage.awaitReady("web", "True", Reason.Completed);
        assertThat(stage.status("web").completed()).isTrue();
    }

    @Test
    void missingClaimStallsAndItsCreationStarts() {
        stage.create(
                "web", "{memory: {size: 512Mi}, disks: [{name: root, persistentVolumeClaim: {claimName: web-root}}]}");
        stage.awaitReady("web", "False", Reason.ClaimNotFound);
        assertThat(stage.status("web").condition(ConditionType.Stalled)).isPresent();
        assertThat(stage.message("web")).contains("web-root").contains(namespace);
        stage.createClaim("web-root");
        stage.run("web", 1, NODE);
        assertThat(stage.status("web").condition(ConditionType.Stalled)).isEmpty();
    }

    @Test
    void deletionWaitsForTheGuestAndThenFollowsTheReclaimPolicy() {
        for (String policy : List.of("Delete", "Retain")) {
            String name = policy.toLowerCase(Locale.ROOT);
            UefiVirtualMachine vm =
                    stage.create(name, "{memory: {size: 512Mi}, nvram: {reclaimPolicy: " + policy + "}}");
            stage.run(name, 1, NODE);
            stage.vm(name).delete();
            await().atMost(SOON)
                    .until(() -> stage.pod(name + "-1").getMetadata().getDeletionTimestamp() != null);
            assertThat(claim(vm)).isNotNull();
            stage.kill(name + "-1");
            await().atMost(SOON).until(() -> stage.vm(name).get() == null);
            if (policy.equals("Retain")) {
                assertThat(claim(vm).getMetadata().getDeletionTimestamp()).isNull();
            } else {
                await().atMost(SOON).until(() -> claim(vm) == null);
            }
        }
        assertThat(reasons()).contains("StateDeleted", "StateRetained");
    }

    private PersistentVolumeClaim claim(UefiVirtualMachine vm) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(NvramClaim.name(vm.getMetadata().getUid()))
                .get();
    }

    @Test
    void podNameOfSomebodyElseIsLeftAloneAndTheNextOneTaken() {
        client.resource("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web-1, namespace: %s}
                spec: {containers: [{name: a, image: b}]}
                """.formatted(namespace)).create();
        stage.create("web", SMALL.formatted("Always"));
        stage.awaitReady("web", "False", Reason.BackOff);
        assertThat(stage.message("web")).contains("PodNameTaken");
        stage.run("web", 2, NODE);
        assertThat(stage.pod("web-1")).isNotNull();
    }

    @Test
    void silentHostMakesItsVmsUnknownUntilItAnswersAgain() {
        Stage.beat(client, "n2", 600);
        Stage.report(client, "n2");
        stage.create("web", SMALL.formatted("Always"));
        stage.run("web", 1, "n2");
        Node node = client.nodes().withName("n2").get();
        assertThat(node.getMetadata().getLabels())
                .containsEntry("uefivm.io/ready", "true")
                .containsEntry("machine.uefivm.io/pc-q35-11.0", "true");

        Stage.beat(client, "n2", 1);
        stage.awaitReady("web", "Unknown", Reason.AgentUnavailable);
        assertThat(stage.status("web").phase()).isEqualTo(Phase.Running);
        await().atMost(SOON)
                .until(() -> !client.nodes()
                        .withName("n2")
                        .get()
                        .getMetadata()
                        .getLabels()
                        .containsKey("uefivm.io/ready"));

        Stage.beat(client, "n2", 600);
        stage.awaitReady("web", "True", Reason.Running);
        client.leases().inNamespace(SYSTEM).withName("n2").delete();
        client.nodes().withName("n2").delete();
        await().atMost(SOON)
                .until(() -> client.resources(UefiHost.class).withName("n2").get() == null);
    }
}
