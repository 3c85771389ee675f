package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.e2e.controlplane.Kubectl;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees of a VM with nothing but kubectl, from the manifest to the running guest. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KubectlIT extends OnSite {
    private static final String MANIFEST = """
            apiVersion: uefivm.io/v1alpha1
            kind: UefiVirtualMachine
            metadata:
              name: seen
            spec:
              cpu: {cores: 1}
              memory: {size: 512Mi}
              graphics: {type: None}
              disks:
              - name: root
                persistentVolumeClaim: {claimName: seen}
            """;

    @TempDir
    static Path directory;

    private static Kubectl kubectl;
    private static String manifest;

    @BeforeAll
    static void host() throws IOException {
        hostUp("kvm-a");
        kubectl = new Kubectl(controlPlane.kubeconfig(), NAMESPACE, directory.resolve("cache"));
        manifest = Files.writeString(directory.resolve("seen.yaml"), MANIFEST).toString();
        site.disk(NAMESPACE, "seen", GuestImage.get().signed());
    }

    @Test
    @Order(1)
    void applyWaitAndGet() {
        assertThat(succeeds("apply", "-f", manifest)).isEqualTo("uefivirtualmachine.uefivm.io/seen created\n");
        assertThat(succeeds("wait", "--for=condition=Ready", "uvm/seen", "--timeout=180s"))
                .isEqualTo("uefivirtualmachine.uefivm.io/seen condition met\n");

        List<String> table = succeeds("get", "uvm").lines().toList();
        assertThat(table).hasSize(2);
        assertThat(table.get(0).strip().split(" +"))
                .containsExactly("NAME", "STATUS", "READY", "NODE", "SECURE-BOOT", "NVRAM-GEN", "AGE");
        assertThat(table.get(1)).matches("seen +Running +True +kvm-a +Enforcing +1 +[0-9]+[ms0-9]*");

        List<String> wide = succeeds("get", "uvm", "-o", "wide").lines().toList();
        assertThat(wide.get(0)).contains("FIRMWARE", "MACHINE", "UUID");
        assertThat(wide.get(1))
                .contains(
                        vm("seen").get().getMetadata().getUid(),
                        status("seen").machineType(),
                        status("seen").firmware().description());
    }

    @Test
    @Order(2)
    void diffAfterApplyIsEmptyWhileItRunsToo() {
        assertThat(succeeds("diff", "-f", manifest)).isEmpty();
        assertThat(succeeds("apply", "-f", manifest)).isEqualTo("uefivirtualmachine.uefivm.io/seen unchanged\n");
        assertThat(status("seen").epoch()).isEqualTo(1);
    }

    @Test
    @Order(3)
    void eventsTellTheStoryOfTheStart() {
        String reasons = succeeds(
                "get",
                "events",
                "--field-selector=involvedObject.name=seen,involvedObject.kind=UefiVirtualMachine",
                "--sort-by=.eventTime",
                "-o",
                "jsonpath={range .items[*]}{.reason}{\"\\n\"}{end}");
        assertThat(reasons.lines()).containsSubsequence("Scheduling", "Starting", "Running");

        String description = succeeds("describe", "uvm", "seen");
        assertThat(description.substring(description.indexOf("\nEvents:")))
                .contains("waiting for kube-scheduler", "kvm-a", "Domain started on kvm-a, epoch 1");
    }

    @Test
    @Order(4)
    void deleteReturnsWhenTheGuestHasEnded() {
        succeeds("delete", "uvm", "seen", "--timeout=180s");
        assertThat(kubectl.run("get", "uvm", "seen").output()).contains("\"seen\" not found");
    }

    private static String succeeds(String... arguments) {
        Kubectl.Outcome outcome = kubectl.run(arguments);
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }
}
