package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.agent.kubelet.DevicePlugins;
import io.uefivm.agent.kubelet.PodDevices;
import io.uefivm.agent.kubelet.UnixSockets;
import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DevicePluginsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String CARD = "uefivm.io/pci-10de-20b5";
    private static final String FUNCTION = "uefivm.io/pci-8086-154c";

    /** A path that JUnit would make is longer than a socket's may be (unix(7), 108 bytes). */
    private Path directory;

    private final Map<String, Map<String, Boolean>> devices = new ConcurrentHashMap<>(Map.of(
            CARD,
            Map.of("0000:41:00", true, "0000:42:00", true),
            FUNCTION,
            Map.of("0000:c1:02.0", true, "0000:c1:02.1", false)));
    private final UnixSockets sockets = new UnixSockets();
    private DeviceManager kubelet;
    private DevicePlugins plugins;
    private PodDevices podDevices;

    @BeforeEach
    void start() throws IOException {
        directory = Files.createTempDirectory("kubelet");
        kubelet = DeviceManager.start(directory);
        plugins = DevicePlugins.start(directory, () -> Map.copyOf(devices), sockets);
        podDevices = new PodDevices(directory, sockets);
    }

    @AfterEach
    void stop() throws IOException {
        plugins.close();
        kubelet.close();
        sockets.close();
        Directories.delete(directory);
    }

    private void awaitAllocatable(String resource, long count) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(kubelet.counts().get(resource))
                        .isNotNull()
                        .returns(count, DeviceManager.Count::allocatable));
    }

    /** A pod that asks for cards; its UID is its name. */
    private static Pod pod(String name, int cards) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("lab")
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("hold")
                .withNewResources()
                .addToLimits(CARD, new Quantity(Integer.toString(cards)))
                .addToLimits("memory", new Quantity("1Gi"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    @Test
    void countsHealthyDevicesOfEachKind() {
        awaitAllocatable(CARD, 2);
        awaitAllocatable(FUNCTION, 1);
        assertThat(kubelet.counts()).containsEntry(FUNCTION, new DeviceManager.Count(2, 1));
    }

    @Test
    void tellsKubeletWhenADeviceGoesBadAndWhenItIsWellAgain() {
        awaitAllocatable(CARD, 2);

        devices.put(CARD, Map.of("0000:41:00", true, "0000:42:00", false));
        plugins.lookSoon();
        awaitAllocatable(CARD, 1);

        devices.put(CARD, Map.of("0000:41:00", true, "0000:42:00", true));
        plugins.lookSoon();
        awaitAllocatable(CARD, 2);
    }

    @Test
    void aResourceWhoseDevicesAreGoneHasNone() {
        awaitAllocatable(CARD, 2);
        devices.remove(CARD);
        plugins.lookSoon();
        awaitAllocatable(CARD, 0);
    }

    @Test
    void kubeletGivesEachDeviceOnceAndSaysWhoHasIt() throws IOException {
        awaitAllocatable(CARD, 2);

        kubelet.allocate(pod("one-1", 1));
        kubelet.allocate(pod("two-1", 1));

        assertThat(podDevices.of("lab", "one-1", CARD))
                .hasSize(1)
                .doesNotContainAnyElementsOf(podDevices.of("lab", "two-1", CARD));
        assertThat(podDevices.of("other", "one-1", CARD)).isEmpty();
        assertThat(podDevices.given(Set.of(CARD, FUNCTION))).containsExactlyInAnyOrder("0000:41:00", "0000:42:00");
        assertThatThrownBy(() -> kubelet.allocate(pod("three-1", 1)))
                .hasMessageContaining("Requested: 1, Available: 0");

        kubelet.release("two-1");
        kubelet.allocate(pod("three-1", 1));
        kubelet.allocate(pod("three-1", 1));
        assertThat(podDevices.of("lab", "three-1", CARD)).as("asked for again").hasSize(1);
    }

    @Test
    void registersAgainWithAKubeletThatWasRestarted() throws IOException {
        awaitAllocatable(CARD, 2);
        kubelet.allocate(pod("one-1", 1));

        kubelet.restart();

        awaitAllocatable(CARD, 2);
        awaitAllocatable(FUNCTION, 1);
        assertThat(podDevices.of("lab", "one-1", CARD)).hasSize(1);
        kubelet.allocate(pod("two-1", 1));
        assertThat(podDevices.given(Set.of(CARD))).hasSize(2);
    }

    @Test
    void anotherAgentTakesOverAndFindsWhatWasGiven() throws IOException {
        awaitAllocatable(CARD, 2);
        kubelet.allocate(pod("one-1", 2));

        plugins.close();
        awaitAllocatable(CARD, 0);
        plugins = DevicePlugins.start(directory, () -> Map.copyOf(devices), sockets);

        awaitAllocatable(CARD, 2);
        assertThat(podDevices.of("lab", "one-1", CARD)).containsExactly("0000:41:00", "0000:42:00");
    }

    @Test
    void waitsForAKubeletThatIsNotThereYet() throws IOException {
        kubelet.close();
        Files.deleteIfExists(directory.resolve("device-plugins/kubelet.sock"));
        Files.deleteIfExists(directory.resolve("pod-resources/kubelet.sock"));
        assertThatThrownBy(() -> podDevices.of("lab", "one-1", CARD)).hasMessageContaining("is not there");

        kubelet = DeviceManager.start(directory);
        awaitAllocatable(CARD, 2);
    }
}
