package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Claims get volumes, and volumes end with them. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class StandInVolumeBinderTest {

    @Parameter
    ControlPlane controlPlane;

    @TempDir
    Path storage;

    private KubernetesClient client;
    private TestPods pods;
    private StandInVolumeBinder binder;

    @BeforeEach
    void start() {
        client = controlPlane.client();
        pods = new TestPods(client);
        binder = StandInVolumeBinder.start(client, storage);
    }

    @AfterEach
    void stop() {
        binder.close();
    }

    private PersistentVolume volumeOf(String claim) {
        TestPods.await()
                .untilAsserted(() ->
                        assertThat(pods.claim(claim).getStatus().getPhase()).isEqualTo("Bound"));
        return client.persistentVolumes()
                .withName(pods.claim(claim).getSpec().getVolumeName())
                .get();
    }

    @Test
    void aClaimWithoutClassGetsADirectoryOfItsOwnThatGoesWithIt() throws IOException {
        pods.claim("data", null);
        PersistentVolume volume = volumeOf("data");
        Path directory = storage.toRealPath().resolve(volume.getMetadata().getName());

        assertThat(pods.claim("data").getSpec().getStorageClassName()).isEqualTo("shared");
        assertThat(volume.getSpec().getCsi().getVolumeAttributes()).containsEntry("directory", directory.toString());
        assertThat(volume.getStatus().getPhase()).isEqualTo("Bound");
        Files.writeString(directory.resolve("file"), "x");

        client.resource(pods.claim("data")).delete();
        TestPods.await()
                .untilAsserted(() -> assertThat(client.persistentVolumes()
                                .withName(volume.getMetadata().getName())
                                .get())
                        .isNull());
        assertThat(directory).doesNotExist();
    }

    @Test
    void theSmallestStaticVolumeThatFitsIsTakenAndRetained() throws IOException {
        String type = "static-" + pods.namespace;
        Path kept = Files.createDirectories(storage.resolve("kept"));
        staticVolume(type, "large", "10Gi");
        staticVolume(type, "small", "1Mi");
        staticVolume(type, "right", "1Gi");

        // The binder, as the real one, chooses among the volumes that it has seen.
        TestPods.await()
                .until(() -> client.persistentVolumes().list().getItems().stream()
                        .filter(v -> type.equals(v.getSpec().getStorageClassName()))
                        .allMatch(v -> "Available".equals(v.getStatus().getPhase())));
        pods.claim("data", type);
        PersistentVolume volume = volumeOf("data");
        assertThat(volume.getMetadata().getName()).isEqualTo(type + "-right");

        client.resource(pods.claim("data")).delete();
        TestPods.await()
                .untilAsserted(() -> assertThat(client.persistentVolumes()
                                .withName(type + "-right")
                                .get()
                                .getStatus()
                                .getPhase())
                        .isEqualTo("Released"));
        assertThat(kept).exists();
    }

    private void staticVolume(String type, String name, String size) {
        client.resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(type + "-" + name)
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName(type)
                        .withCapacity(Map.of("storage", new Quantity(size)))
                        .withAccessModes("ReadWriteOnce", "ReadWriteMany")
                        .withNewHostPath()
                        .withPath(storage.resolve("kept").toString())
                        .endHostPath()
                        .endSpec()
                        .build())
                .create();
    }

    @Test
    void aClaimForTheFirstConsumerWaitsForANode() {
        pods.claim("local", "local");
        pods.claim("other", null);
        volumeOf("other");
        assertThat(pods.claim("local").getStatus().getPhase()).isEqualTo("Pending");
    }
}
