package io.uefivm.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.Kubectl;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubectl explain} reads like documentation. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class ExplainTest {
    @Parameter
    ControlPlane controlPlane;

    @TempDir
    Path directory;

    private Kubectl kubectl;

    @BeforeEach
    void kinds() {
        controlPlane.applyCrds();
        kubectl = new Kubectl(controlPlane.kubeconfig(), "default", directory);
    }

    @Test
    void firmwareReadsLikeDocumentation() {
        assertThat(explained("uvm.spec.firmware"))
                .contains("secureBoot", "keys")
                .contains("Enabled (default)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvm", "uvm.spec", "uvm.spec.disks", "uvm.spec.nvram", "uvm.status.nvram", "uhost.status"})
    void everyFieldHasADescription(String path) {
        assertThat(explained(path)).contains("DESCRIPTION:").doesNotContain("<no description>", "<empty>");
    }

    private String explained(String path) {
        Kubectl.Outcome outcome = kubectl.run("explain", path);
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }
}
