package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many pods with claims, on nodes that exist on paper only. */
class PaperNodeTest {

    private static final int PODS = 60;

    @TempDir
    Path storage;

    @ParameterizedTest
    @MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
    void manyPodsRunAndEnd(ControlPlane controlPlane) {
        TestPods pods = new TestPods(controlPlane.client());
        Map<String, Quantity> plenty =
                Map.of("cpu", new Quantity("1k"), "memory", new Quantity("1Ti"), "pods", new Quantity("10k"));
        try (StandInCluster cluster = StandInCluster.start(controlPlane.client(), storage)) {
            for (String name : List.of("paper-1", "paper-2")) {
                cluster.addPaperNode(
                        new StandInKubelet.Settings(name, plenty, Map.of("kind", "paper"), Duration.ofSeconds(10)));
            }
            for (int i = 0; i < PODS; i++) {
                pods.claim("c" + i, null);
                pods.create(TestPods.withClaim(pods.asking("p" + i, "1", "1Gi"), "v", "c" + i, "/v"));
            }
            TestPods.await()
                    .untilAsserted(() -> assertThat(all(pods))
                            .hasSize(PODS)
                            .allMatch(p -> p.getStatus().getPhase().equals("Running")));
            assertThat(all(pods)).extracting(p -> p.getSpec().getNodeName()).contains("paper-1", "paper-2");

            pods.client.pods().inNamespace(pods.namespace).delete();
            TestPods.await().untilAsserted(() -> assertThat(all(pods)).isEmpty());
        }
    }

    private static List<Pod> all(TestPods pods) {
        return pods.client.pods().inNamespace(pods.namespace).list().getItems();
    }
}
