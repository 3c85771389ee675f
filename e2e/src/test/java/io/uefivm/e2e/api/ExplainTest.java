package io.uefivm.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.Kubectl;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubectl explain} reads like documentation. Older versions of kubectl ask only a real API server. */
class ExplainTest {
    @TempDir
    static Path directory;

    private static ControlPlane controlPlane;
    private static Kubectl kubectl;

    @BeforeAll
    static void apiServer() {
        controlPlane = ControlPlane.start();
        assumeTrue(
                controlPlane.kind() == ControlPlane.Kind.KUBE_APISERVER,
                "kubectl before 1.27 explains by /openapi/v2, which the embedded control plane has not; provide a real"
                        + " API server with KUBE_API_TEST_DIR");
        controlPlane.applyCrds();
        kubectl = new Kubectl(controlPlane.kubeconfig(), "default", directory);
    }

    @AfterAll
    static void down() {
        controlPlane.close();
    }

    @Test
    void firmwareReadsLikeDocumentationOnARealApiServer() {
        assertThat(explained("uvm.spec.firmware"))
                .contains("secureBoot", "keys")
                .contains("Enabled (default)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvm", "uvm.spec", "uvm.spec.disks", "uvm.spec.nvram", "uvm.status.nvram", "uhost.status"})
    void everyFieldHasADescriptionOnARealApiServer(String path) {
        assertThat(explained(path)).doesNotContain("<no description>", "<empty>");
    }

    private static String explained(String path) {
        Kubectl.Outcome outcome = kubectl.run("explain", path);
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }
}
