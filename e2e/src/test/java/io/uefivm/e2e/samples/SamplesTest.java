package io.uefivm.e2e.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.GraphicsType;
import io.uefivm.api.v1alpha1.SecureBootMode;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.Namespaces;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplesTest {
    private static ControlPlane controlPlane;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        controlPlane = ControlPlane.start();
        client = controlPlane.client();
        controlPlane.applyCrds();
    }

    @AfterAll
    static void stop() {
        if (controlPlane != null) {
            controlPlane.close();
        }
    }

    static Stream<Path> files() {
        return Samples.files().stream();
    }

    @Test
    void thereIsASampleForEachUse() {
        assertThat(Samples.files())
                .extracting(file -> file.getFileName().toString())
                .contains(
                        "quickstart.yaml",
                        "linux-server.yaml",
                        "custom-keys.yaml",
                        "windows-11.yaml",
                        "gpu-workstation.yaml");
    }

    @ParameterizedTest
    @MethodSource("files")
    void theApiServerTakesItUnchanged(Path file) {
        String namespace =
                Namespaces.create(client, file.getFileName().toString().replace(".yaml", ""));
        for (HasMetadata object : Samples.read(file)) {
            object.getMetadata().setNamespace(namespace);
            applied(object);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void itBringsTheClaimsOfItsDisks(Path file) {
        List<HasMetadata> objects = Samples.read(file);
        List<String> claims = objects.stream()
                .filter(o -> o.getKind().equals("PersistentVolumeClaim"))
                .map(o -> o.getMetadata().getName())
                .toList();

        assertThat(Samples.machines(objects)).isNotEmpty();
        for (UefiVirtualMachine machine : Samples.machines(objects)) {
            assertThat(machine.getSpec().disks())
                    .isNotEmpty()
                    .flatExtracting(disk -> disk.claimName().stream().toList())
                    .isSubsetOf(claims);
        }
    }

    @Test
    void whatTheSamplesPromiseFollowsFromTheirSpecs() {
        UefiVirtualMachine quickstart = machine("quickstart.yaml");
        UefiVirtualMachine windows = machine("windows-11.yaml");
        UefiVirtualMachine workstation = machine("gpu-workstation.yaml");

        assertThat(quickstart.getSpec().firmware().secureBoot()).isEqualTo(SecureBootMode.Enabled);
        assertThat(quickstart.getSpec().tpm().enabled()).isTrue();
        assertThat(windows.getSpec().tpm().enabled()).isTrue();
        assertThat(windows.getSpec().effectiveGraphics()).isEqualTo(GraphicsType.VNC);
        assertThat(workstation.getSpec().effectiveGraphics()).isEqualTo(GraphicsType.None);
    }

    @Test
    void theGitRepositoryIsTakenUnchanged() throws Exception {
        List<HasMetadata> objects = GitOpsTest.repository();

        assertThat(objects).hasSize(3);
        objects.forEach(SamplesTest::applied);
    }

    /** Dry run, creation, and a second apply that changes nothing: what {@code kubectl diff} would show. */
    private static void applied(HasMetadata object) {
        GenericKubernetesResource sample = Samples.generic(object);
        client.resource(sample)
                .dryRun()
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .patch(apply());
        assertThat(client.resource(sample).get()).as("stored by a dry run").isNull();

        HasMetadata created = client.resource(sample)
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .patch(apply());
        assertThat(created.getMetadata().getUid()).isNotNull();

        assertThat(client.resource(sample).patch(apply()).getMetadata().getResourceVersion())
                .isEqualTo(created.getMetadata().getResourceVersion());
    }

    private static PatchContext apply() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("kubectl")
                .build();
    }

    private static UefiVirtualMachine machine(String file) {
        return Samples.machines(Samples.read(Samples.DIRECTORY.resolve(file))).get(0);
    }
}
