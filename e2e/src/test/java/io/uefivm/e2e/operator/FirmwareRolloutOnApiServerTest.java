package io.uefivm.e2e.operator;

import static io.uefivm.e2e.operator.Stage.SOON;
import static io.uefivm.e2e.operator.Stage.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.e2e.controlplane.RealApiServer;
import io.uefivm.operator.OperatorOptions;
import io.uefivm.operator.OperatorRuntime;
import io.uefivm.operator.vm.model.FirmwareRollout;
import io.uefivm.operator.vm.pod.Placement;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who takes new firmware first, as the operator on a real API server has it; the test plays everybody else. */
class FirmwareRolloutOnApiServerTest {
    private static final String NODE = "n1";
    private static final String EARLIER = "sha256:" + "ab".repeat(32);
    private static final String NEWER = "sha256:" + "cd".repeat(32);
    private static final String SMALL = "{runStrategy: %s, memory: {size: 512Mi}}";

    @RegisterExtension
    static final RealApiServer API = new RealApiServer();

    private static KubernetesClient client;
    private static Stage stage;

    @BeforeAll
    static void startApiServer() throws IOException {
        API.controlPlane().applyCrds();
        client = API.client();
        Namespaces.create(client, SYSTEM);
        Stage.createNode(client, NODE);
        stage = new Stage(client, "fleet");
    }

    private static OperatorRuntime operator(FirmwareRollout policy) {
        OperatorRuntime operator = OperatorRuntime.start(
                client,
                new OperatorOptions("hold:test", SYSTEM, false, "127.0.0.1", 0, Optional.of(policy)),
                Clock.systemUTC());
        Stage.beat(client, NODE, 600);
        return operator;
    }

    @Test
    void theCanaryTakesTheNewBuildAndAllOthersKeepTheirsUntilThePolicyIsWidened() {
        try (OperatorRuntime operator = operator(new FirmwareRollout(0, Map.of("ring", "canary")))) {
            assertThat(operator.healthPort()).isPositive();
            Stage.report(client, NODE, List.of(EARLIER));
            for (String name : List.of("canary", "late", "last")) {
                stage.create(name, SMALL.formatted("Always"));
                stage.run(name, 1, NODE, EARLIER);
            }
            stage.vm("canary").edit(vm -> {
                vm.getMetadata().setLabels(Map.of("ring", "canary"));
                return vm;
            });
            for (String name : List.of("canary", "late", "last")) {
                stop(name);
            }

            Stage.report(client, NODE, List.of(NEWER));
            for (String name : List.of("canary", "late", "last")) {
                stage.set(name, SMALL.formatted("Always"));
            }
            assertThat(stage.awaitPod("canary-2")).satisfies(pod -> assertPart(pod, "Taking", false));
            stage.run("canary", 2, NODE, NEWER);
            for (String name : List.of("late", "last")) {
                stage.awaitReady(name, "False", Reason.NoSuitableHost);
                assertThat(stage.message(name)).contains(EARLIER, "firmwareRollout", "raise percentage");
            }

            Stage.report(client, NODE, List.of(NEWER, EARLIER));
            assertThat(stage.awaitPod("late-2")).satisfies(pod -> assertPart(pod, "Held", true));
            stage.run("late", 2, NODE, EARLIER);
            stage.run("last", 2, NODE, EARLIER);
            stop("last");
            Stage.report(client, NODE, List.of(NEWER));
            stage.set("last", SMALL.formatted("Always"));
            stage.awaitReady("last", "False", Reason.NoSuitableHost);
        }

        try (OperatorRuntime operator = operator(new FirmwareRollout(100, Map.of()))) {
            assertThat(operator.healthPort()).isPositive();
            assertThat(stage.awaitPod("last-3")).satisfies(pod -> assertPart(pod, "Taking", false));
        }
    }

    private static void stop(String name) {
        String pod = stage.status(name).podName();
        String code = stage.status(name).firmware().codeDigest();
        stage.set(name, SMALL.formatted("Halted"));
        await().atMost(SOON).until(() -> stage.pod(pod).getMetadata().getDeletionTimestamp() != null);
        stage.say(name, DomainState.Stopped, Reason.StopRequested, NODE, code);
        stage.kill(pod);
        await().atMost(SOON).until(() -> stage.status(name).phase() == Phase.Stopped);
    }

    private static void assertPart(Pod pod, String part, boolean bound) {
        assertThat(pod.getMetadata().getAnnotations()).containsEntry(Api.ANNOTATION_FIRMWARE_ROLLOUT, part);
        assertThat(pod.getSpec().getNodeSelector().containsKey(Placement.firmwareLabel(EARLIER)))
                .isEqualTo(bound);
    }
}
