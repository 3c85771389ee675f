package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Where pods go, and what they are told when they cannot go anywhere. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class StandInSchedulerTest {

    private static final String NO_PREEMPTION =
            ". preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";

    @Parameter
    ControlPlane controlPlane;

    @TempDir
    Path storage;

    private TestPods pods;
    private StandInCluster cluster;

    @BeforeEach
    void start() {
        pods = new TestPods(controlPlane.client());
        cluster = StandInCluster.start(controlPlane.client(), storage, Duration.ofHours(1));
    }

    @AfterEach
    void stop() {
        cluster.close();
        pods.deleteAll();
        controlPlane.client().nodes().delete();
        TestPods.await()
                .until(() -> controlPlane.client().nodes().list().getItems().isEmpty());
    }

    private void twoNodes() {
        pods.node("one", "2", "4Gi", Map.of("disk", "ssd"));
        pods.node("two", "4", "8Gi", Map.of());
        TestPods.await()
                .until(() -> controlPlane.client().nodes().list().getItems().stream()
                        .allMatch(n -> n.getSpec().getTaints().isEmpty()));
    }

    private void expectNode(String pod, String node) {
        TestPods.await()
                .untilAsserted(() ->
                        assertThat(pods.pod(pod).get().getSpec().getNodeName()).isEqualTo(node));
    }

    private void expectRefusal(String pod, String message) {
        TestPods.await()
                .untilAsserted(() -> assertThat(pods.pod(pod).get().getStatus().getConditions())
                        .filteredOn(c -> c.getType().equals("PodScheduled"))
                        .extracting("status", "reason", "message")
                        .containsExactly(org.assertj.core.groups.Tuple.tuple("False", "Unschedulable", message)));
    }

    @Test
    void aPodGoesWhereMostMemoryIsLeft() {
        twoNodes();
        pods.create(pods.asking("first", "1", "3Gi"));
        expectNode("first", "one");
        pods.create(pods.asking("second", "1", "1Gi"));
        expectNode("second", "two");
        assertThat(pods.pod("second").get().getStatus().getConditions())
                .anyMatch(
                        c -> c.getType().equals("PodScheduled") && c.getStatus().equals("True"));
    }

    @Test
    void withoutNodesThereIsNothingToChooseFrom() {
        pods.create(pods.asking("lonely", "1", "1Gi"));
        expectRefusal("lonely", "no nodes available to schedule pods");
    }

    @Test
    void eachNodeSaysWhyItIsNotTheOne() {
        twoNodes();
        cordon("one");
        pods.create(pods.asking("large", "5", "9Gi"));

        expectRefusal(
                "large",
                "0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) were unschedulable."
                        + " preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod,"
                        + " 1 Preemption is not helpful for scheduling.");
    }

    private void cordon(String name) {
        controlPlane
                .client()
                .nodes()
                .withName(name)
                .edit(n -> new NodeBuilder(n)
                        .editSpec()
                        .withUnschedulable(true)
                        .endSpec()
                        .build());
    }

    @Test
    void selectorAndAffinityAndTaintsAreHonoured() {
        twoNodes();
        controlPlane.client().nodes().withName("two").edit(StandInSchedulerTest::withTaint);
        PodBuilder selecting = pods.asking("selecting", "1", "1Gi")
                .editSpec()
                .withNodeSelector(Map.of("disk", "tape"))
                .endSpec();
        pods.create(selecting);
        expectRefusal(
                "selecting",
                "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector,"
                        + " 1 node(s) had untolerated taint {gpu: only}" + NO_PREEMPTION);

        pods.create(affine("affine", "NotIn", "ssd")
                .editSpec()
                .addToTolerations(new Toleration("NoSchedule", "gpu", "Exists", null, null))
                .endSpec());
        expectNode("affine", "two");
        pods.create(affine("exists", "Exists"));
        expectNode("exists", "one");
    }

    private PodBuilder affine(String name, String operator, String... values) {
        return pods.asking(name, "1", "1Gi")
                .editSpec()
                .withNewAffinity()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .addNewMatchExpression()
                .withKey("disk")
                .withOperator(operator)
                .withValues(values)
                .endMatchExpression()
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .endAffinity()
                .endSpec();
    }

    private static Node withTaint(Node node) {
        return new NodeBuilder(node)
                .editSpec()
                .addToTaints(new Taint("NoSchedule", "gpu", null, "only"))
                .endSpec()
                .build();
    }

    @Test
    void aPodIsTriedAgainWhenSomethingChanges() {
        twoNodes();
        pods.create(pods.asking("big", "1", "16Gi"));
        expectRefusal(
                "big",
                "0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available:"
                        + " 2 No preemption victims found for incoming pod.");

        pods.node("three", "4", "32Gi", Map.of());
        expectNode("big", "three");
    }

    @Test
    void theNumberOfPodsIsLimited() {
        pods.node("small", "8", "8Gi", Map.of());
        for (int i = 0; i < 3; i++) {
            pods.create(pods.asking("p" + i, "1", "1Gi"));
            expectNode("p" + i, "small");
        }
        pods.create(pods.asking("one-too-many", "1", "1Gi"));
        expectRefusal(
                "one-too-many",
                "0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available:"
                        + " 1 No preemption victims found for incoming pod.");
    }

    @Test
    void claimsMustBeThereAndBound() {
        twoNodes();
        pods.claim("never", "no-such-class");
        pods.create(TestPods.withClaim(pods.asking("unbound", "1", "1Gi"), "v", "never", "/v"));
        expectRefusal(
                "unbound", "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims" + NO_PREEMPTION);
        pods.create(TestPods.withClaim(pods.asking("missing", "1", "1Gi"), "v", "later", "/v"));
        expectRefusal("missing", "0/2 nodes are available: persistentvolumeclaim \"later\" not found" + NO_PREEMPTION);

        pods.claim("later", null);
        TestPods.await()
                .untilAsserted(
                        () -> assertThat(pods.pod("missing").get().getSpec().getNodeName())
                                .isNotNull());
    }

    @Test
    void aLocalVolumeKeepsItsPodsOnItsNode() {
        twoNodes();
        pods.claim("local", "local");
        pods.create(TestPods.withClaim(pods.asking("first", "1", "1Gi"), "v", "local", "/v"));
        TestPods.await()
                .untilAsserted(
                        () -> assertThat(pods.pod("first").get().getSpec().getNodeName())
                                .isNotNull());
        Pod first = pods.pod("first").get();
        cordon(first.getSpec().getNodeName());

        pods.create(TestPods.withClaim(pods.asking("second", "1", "1Gi"), "v", "local", "/v"));
        expectRefusal(
                "second",
                "0/2 nodes are available: 1 node(s) had volume node affinity conflict,"
                        + " 1 node(s) were unschedulable" + NO_PREEMPTION);
    }
}
