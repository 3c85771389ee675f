package io.uefivm.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user does with kubectl, with the kubeconfig that a control plane gives out. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class KubectlTest {

    @Parameter
    ControlPlane controlPlane;

    @TempDir
    Path directory;

    private Gadgets gadgets;
    private Kubectl kubectl;

    @BeforeEach
    void kind() {
        gadgets = Gadgets.on(controlPlane);
        kubectl = new Kubectl(controlPlane.kubeconfig(), gadgets.namespace, directory.resolve("cache"));
    }

    @Test
    void applyGetPatchLabelDelete() {
        Path file = manifest("first", "{size: 1}");
        assertThat(kubectl("apply", "-f", file.toString()))
                .isEqualTo(new Kubectl.Outcome(0, "gadget.test.uefivm.io/first created\n"));
        assertThat(kubectl("apply", "-f", file.toString()).output()).contains("first unchanged");
        assertThat(kubectl("diff", "-f", file.toString())).isEqualTo(new Kubectl.Outcome(0, ""));
        manifest("first", "{size: 2}");
        assertThat(kubectl("diff", "-f", file.toString()).code()).isEqualTo(1);
        assertThat(kubectl("apply", "-f", file.toString()).output()).contains("first configured");
        assertThat(kubectl("get", "gd", "first", "-o", "jsonpath={.spec.size}").output())
                .isEqualTo("2");
        assertThat(kubectl("label", "gadget", "first", "a=b").output()).contains("first labeled");
        assertThat(kubectl("patch", "gadget", "first", "--type=merge", "-p", "{\"spec\":{\"size\":3}}")
                        .output())
                .contains("first patched");
        assertThat(kubectl("delete", "gadget", "first", "--timeout=60s").code()).isZero();
        assertThat(kubectl("get", "gadget", "first").output()).contains("\"first\" not found");
    }

    @Test
    void serverSideApply() {
        Path file = manifest("second", "{size: 1}");
        assertThat(kubectl("apply", "--server-side", "-f", file.toString()).output())
                .contains("second serverside-applied");
        manifest("second", "{mode: Combined}");
        assertThat(kubectl("apply", "--server-side", "-f", file.toString()).code())
                .isZero();
        assertThat(kubectl("get", "gd", "second", "-o", "jsonpath={.spec}").output())
                .isEqualTo("{\"mode\":\"Combined\"}");
    }

    @Test
    void getPrintsThePrinterColumns() {
        gadgets.create("shown");
        gadgets.applyStatus("op", "shown", "{nodeName: n1, conditions: [{type: Ready, status: 'True'}]}");

        String table = kubectl("get", "gd").output();
        assertThat(table.lines().findFirst().orElse("").split(" +")).containsExactly("NAME", "READY", "NODE", "AGE");
        assertThat(table.lines().skip(1).findFirst().orElse("")).startsWith("shown   True    n1     ");
    }

    @Test
    void waitReturnsOnceTheConditionHolds() throws IOException, InterruptedException {
        gadgets.create("awaited");
        Process waiting = kubectl.start("wait", "--for=condition=Ready", "gadget/awaited", "--timeout=120s");
        try {
            assertThat(waiting.waitFor(2, TimeUnit.SECONDS)).isFalse();
            gadgets.applyStatus("op", "awaited", "{conditions: [{type: Ready, status: 'True'}]}");
            assertThat(waiting.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("awaited condition met");
        } finally {
            waiting.destroyForcibly();
        }
    }

    private Path manifest(String name, String spec) {
        try {
            return Files.writeString(directory.resolve(name + ".yaml"), """
                    apiVersion: test.uefivm.io/v1
                    kind: Gadget
                    metadata: {name: %s}
                    spec: %s
                    """.formatted(name, spec));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Kubectl.Outcome kubectl(String... arguments) {
        return kubectl.run(arguments);
    }
}
