package io.uefivm.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.agent.kubelet.DevicePlugins;
import io.uefivm.agent.kubelet.PodDevices;
import io.uefivm.agent.kubelet.UnixSockets;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods on a host: their volumes, their process, and every way in which they end. Needs root. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class StandInKubeletTest {

    /** What a VM pod does: it ignores SIGTERM and ends when it is told so in its emptyDir. */
    private static final String HOLD = "trap '' TERM; while [ ! -e /run/uefivm/ended ]; do sleep 0.1; done";

    private static final String CARD = "uefivm.io/pci-10de-20b5";

    @Parameter
    ControlPlane controlPlane;

    @TempDir
    Path directory;

    private KubernetesClient client;
    private TestPods pods;
    private StandInCluster cluster;
    private NamespacedHost host;
    private StandInKubelet kubelet;
    private String node;

    @BeforeEach
    void start() throws IOException {
        client = controlPlane.client();
        pods = new TestPods(client);
        cluster = StandInCluster.start(client, directory.resolve("storage"), Duration.ofSeconds(4));
        host = NamespacedHost.in(Files.createDirectories(directory.resolve("host")));
        node = "n-" + pods.namespace;
        kubelet = cluster.addNode(
                StandInKubelet.Settings.of(node, "4", "8Gi").withHeartbeat(Duration.ofSeconds(1)), host);
    }

    @AfterEach
    void stop() {
        cluster.close();
        assertThat(podDirectories()).isEmpty();
        host.close();
        pods.deleteAll();
        client.nodes().withName(node).delete();
    }

    private List<String> podDirectories() {
        Path all = host.outside("/var/lib/kubelet/pods");
        try (Stream<Path> found = Files.exists(all) ? Files.list(all) : Stream.empty()) {
            return found.map(p -> p.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path volumes(Pod pod) {
        return host.outside("/var/lib/kubelet/pods/" + pod.getMetadata().getUid() + "/volumes");
    }

    private void expectPhase(String pod, String phase) {
        TestPods.await().untilAsserted(() -> assertThat(pods.phase(pod)).isEqualTo(phase));
    }

    /** A pod that holds until it is told to end, with one claim, running. */
    private Pod holding(String name, long grace) {
        pods.claim(name, null);
        PodBuilder pod = TestPods.withEmptyDir(pods.script(name, HOLD), "uefivm", "/run/uefivm")
                .editSpec()
                .withTerminationGracePeriodSeconds(grace)
                .endSpec();
        pods.create(TestPods.withClaim(pod, "nvram", name, "/nvram"));
        expectPhase(name, "Running");
        return pods.pod(name).get();
    }

    private boolean runs(Pod pod) {
        try {
            // Process 1 of the container, by what it was started with.
            return !host.run(
                            "sh",
                            "-c",
                            "read -r pid <\"$1\" && kill -0 \"$pid\" 2>/dev/null && echo yes || true",
                            "runs",
                            "/var/lib/kubelet/pods/" + pod.getMetadata().getUid() + "/containers/hold/pid")
                    .isBlank();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void theNodeIsRegisteredAndReady() {
        TestPods.await().untilAsserted(() -> {
            Node registered = client.nodes().withName(node).get();
            assertThat(registered.getSpec().getTaints()).isEmpty();
            assertThat(registered.getMetadata().getLabels()).containsEntry("kubernetes.io/hostname", node);
            assertThat(registered.getStatus().getConditions())
                    .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
        });
        assertThat(client.leases()
                        .inNamespace("kube-node-lease")
                        .withName(node)
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .isEqualTo(node);
    }

    @Test
    void aPodRunsWithItsVolumesAndEndsWhenItWantsTo() throws IOException {
        Pod pod = holding("vm", 60);
        String volume = pods.claim("vm").getSpec().getVolumeName();
        Path mounted = volumes(pod).resolve("kubernetes.io~csi/" + volume + "/mount");
        Path backing = directory.resolve("storage").resolve(volume);
        Files.writeString(mounted.resolve("vars.fd"), "state");

        assertThat(backing.resolve("vars.fd")).hasContent("state");
        assertThat(pod.getStatus().getPodIP()).startsWith("10.244.");
        assertThat(pod.getStatus().getContainerStatuses().get(0).getReady()).isTrue();
        assertThat(pod.getStatus().getConditions())
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));

        pods.pod("vm").delete();
        TestPods.await()
                .pollDelay(Duration.ofSeconds(3))
                .untilAsserted(() -> assertThat(runs(pod)).isTrue());
        assertThat(pods.pod("vm").get().getMetadata().getDeletionTimestamp()).isNotNull();

        Files.writeString(volumes(pod).resolve("kubernetes.io~empty-dir/uefivm/ended"), "");
        expectPhase("vm", "gone");
        assertThat(volumes(pod)).doesNotExist();
        assertThat(backing.resolve("vars.fd")).hasContent("state");
    }

    @Test
    void aContainerThatEndsByItselfDecidesThePhase() {
        pods.create(pods.script("well", "exit 0"));
        pods.create(pods.script("ill", "exit 3"));
        expectPhase("well", "Succeeded");
        expectPhase("ill", "Failed");

        var state =
                pods.pod("ill").get().getStatus().getContainerStatuses().get(0).getState();
        assertThat(state.getTerminated().getExitCode()).isEqualTo(3);
        TestPods.await().untilAsserted(() -> assertThat(podDirectories()).isEmpty());
    }

    @Test
    void afterTheGracePeriodThePodIsKilled() {
        Pod pod = holding("stubborn", 60);
        pods.pod("stubborn").delete();
        pods.pod("stubborn").withGracePeriod(2).delete();

        expectPhase("stubborn", "gone");
        assertThat(runs(pod)).isFalse();
    }

    @Test
    void aPodDeletedByForceIsKilledAndItsBusyVolumesGo() throws IOException {
        Pod pod = holding("forced", 60);
        Path mounted = volumes(pod)
                .resolve("kubernetes.io~csi/" + pods.claim("forced").getSpec().getVolumeName() + "/mount");
        try (var open = Files.newOutputStream(mounted.resolve("busy"))) {
            pods.pod("forced").withGracePeriod(0).delete();
            TestPods.await().untilAsserted(() -> assertThat(podDirectories()).isEmpty());
            assertThat(runs(pod)).isFalse();
            open.write(1);
        }
        assertThat(directory
                        .resolve("storage")
                        .resolve(pods.claim("forced").getSpec().getVolumeName())
                        .resolve("busy"))
                .hasSize(1);
    }

    @Test
    void theContainerRunsAsItsUserInARootOfItsOwn() {
        PodBuilder pod = TestPods.withEmptyDir(
                        pods.script(
                                "restricted",
                                "[ $(id -u) = 65532 ] && [ $$ = 1 ] && touch /run/uefivm/x && [ ! -e /run/lock ]"),
                        "uefivm",
                        "/run/uefivm")
                .editSpec()
                .withNewSecurityContext()
                .withRunAsUser(65532L)
                .withRunAsGroup(65532L)
                .withFsGroup(7000L)
                .endSecurityContext()
                .endSpec();
        pods.create(pod);
        expectPhase("restricted", "Succeeded");
    }

    /** A pod with a volume {@code firmware} of an optional ConfigMap and a Secret, read-only for root alone. */
    private Pod projected(String name, boolean secretOptional, String script) {
        return pods.script(name, script)
                .editSpec()
                .addNewVolume()
                .withName("firmware")
                .withNewProjected()
                .withDefaultMode(0400)
                .addNewSource()
                .withNewSecret()
                .withName("keys")
                .addNewItem("pk", null, "keys/pk/0")
                .withOptional(secretOptional)
                .endSecret()
                .endSource()
                .addNewSource()
                .withNewConfigMap()
                .withName("values")
                .addNewItem("motd", 0444, "variables/3")
                .addNewItem("none", null, "variables/4")
                .withOptional(true)
                .endConfigMap()
                .endSource()
                .endProjected()
                .endVolume()
                .editFirstContainer()
                .addNewVolumeMount()
                .withName("firmware")
                .withMountPath("/volumes/firmware")
                .withReadOnly(true)
                .endVolumeMount()
                .endContainer()
                .endSpec()
                .build();
    }

    private void createKeys(byte... content) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("keys")
                        .withNamespace(pods.namespace)
                        .endMetadata()
                        .addToData("pk", Base64.getEncoder().encodeToString(content))
                        .build())
                .create();
    }

    @Test
    void secretsAndConfigMapsAreLaidOutAsKubeletDoes() throws IOException {
        createKeys((byte) 0, (byte) 0xff);
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("values")
                        .withNamespace(pods.namespace)
                        .endMetadata()
                        .addToData("motd", "hello")
                        .build())
                .create();
        client.resource(projected("reads", false, "cat /volumes/firmware/variables/3; sleep 600"))
                .create();
        expectPhase("reads", "Running");

        Path volume = volumes(pods.pod("reads").get()).resolve("kubernetes.io~projected/firmware");
        Path data = Files.readSymbolicLink(volume.resolve("..data"));
        assertThat(data.toString()).matches("\\.\\.[0-9_]{19}\\.[0-9]+");
        assertThat(Files.readSymbolicLink(volume.resolve("keys"))).isEqualTo(Path.of("..data/keys"));
        assertThat(Files.readSymbolicLink(volume.resolve("variables"))).isEqualTo(Path.of("..data/variables"));
        Path secret = volume.resolve(data).resolve("keys/pk/0");
        assertThat(secret).hasBinaryContent(new byte[] {0, (byte) 0xff});
        assertThat(Files.getPosixFilePermissions(secret)).containsExactly(PosixFilePermission.OWNER_READ);
        assertThat(volume.resolve("variables/3")).hasContent("hello");
        assertThat(volume.resolve("variables/4")).doesNotExist();
        assertThat(host.run(
                                "stat",
                                "--file-system",
                                "--format=%T",
                                "/var/lib/kubelet/pods/"
                                        + pods.pod("reads").get().getMetadata().getUid()
                                        + "/volumes/kubernetes.io~projected/firmware")
                        .strip())
                .isEqualTo("tmpfs");
    }

    @Test
    void aPodWaitsForTheSecretThatItNeedsAndForNoOptionalOne() {
        client.resource(projected("content", true, "[ ! -e /volumes/firmware/keys ]"))
                .create();
        expectPhase("content", "Succeeded");
        client.resource(projected("waiting", false, "[ -e /volumes/firmware/keys/pk/0 ]"))
                .create();
        TestPods.await()
                .during(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(pods.phase("waiting")).isEqualTo("Pending"));

        createKeys((byte) 1);
        expectPhase("waiting", "Succeeded");
    }

    @Test
    void aSilentNodeIsUnknownAndItsPodsAreHeldUntilItIsOutOfService() {
        Pod pod = holding("cut-off", 1);
        kubelet.pause();
        TestPods.await().untilAsserted(() -> {
            Node silent = client.nodes().withName(node).get();
            assertThat(silent.getStatus().getConditions())
                    .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("Unknown"));
            assertThat(silent.getSpec().getTaints())
                    .extracting(Taint::getKey, Taint::getEffect)
                    .contains(org.assertj.core.groups.Tuple.tuple("node.kubernetes.io/unreachable", "NoExecute"));
        });
        pods.pod("cut-off").delete();
        TestPods.await()
                .during(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(pods.pod("cut-off").get().isMarkedForDeletion())
                        .isTrue());

        client.nodes()
                .withName(node)
                .edit(n -> new NodeBuilder(n)
                        .editSpec()
                        .addToTaints(new Taint("NoExecute", "node.kubernetes.io/out-of-service", null, "nodeshutdown"))
                        .endSpec()
                        .build());
        expectPhase("cut-off", "gone");
        assertThat(runs(pod)).isTrue();

        kubelet.resume();
        TestPods.await().untilAsserted(() -> assertThat(podDirectories()).isEmpty());
        TestPods.await()
                .untilAsserted(() -> assertThat(
                                client.nodes().withName(node).get().getSpec().getTaints())
                        .noneMatch(t -> t.getKey().equals("node.kubernetes.io/unreachable")));
    }

    @Test
    void aPodThatToleratesNothingIsEvictedFromASilentNodeButStays() {
        PodBuilder pod = TestPods.withEmptyDir(pods.script("evicted", HOLD), "uefivm", "/run/uefivm")
                .editSpec()
                .addNewToleration("NoExecute", "node.kubernetes.io/unreachable", "Exists", 0L, null)
                .endSpec();
        pods.create(pod);
        expectPhase("evicted", "Running");
        kubelet.pause();

        TestPods.await()
                .untilAsserted(() -> assertThat(pods.pod("evicted").get().isMarkedForDeletion())
                        .isTrue());
        client.nodes().withName(node).delete();
        expectPhase("evicted", "gone");
    }

    @Test
    void afterAPowerFailureThePodIsFailedAndNothingOfItIsLeft() {
        Pod pod = holding("rebooted", 60);
        kubelet.hostLost();
        assertThat(runs(pod)).isFalse();
        assertThat(pods.phase("rebooted")).isEqualTo("Running");

        kubelet.resume();
        expectPhase("rebooted", "Failed");
        assertThat(podDirectories()).isEmpty();
    }

    @Test
    void aDeviceGoesToOnePodAndTheNextWaitsUntilItIsFree() throws IOException {
        Path kubeletDir = host.outside("/var/lib/kubelet");
        Map<String, Map<String, Boolean>> offered = Map.of(CARD, Map.of("0000:01:00", true, "0000:02:00", false));
        try (var sockets = new UnixSockets();
                var plugins = DevicePlugins.start(kubeletDir, () -> offered, sockets)) {
            TestPods.await().untilAsserted(() -> {
                var status = client.nodes().withName(node).get().getStatus();
                assertThat(status.getAllocatable()).containsEntry(CARD, new Quantity("1"));
                assertThat(status.getCapacity()).containsEntry(CARD, new Quantity("2"));
            });
            pods.create(withCard("first"));
            expectPhase("first", "Running");
            assertThat(new PodDevices(kubeletDir, sockets).of(pods.namespace, "first", CARD))
                    .containsExactly("0000:01:00");

            pods.create(withCard("second"));
            TestPods.await()
                    .untilAsserted(() -> assertThat(
                                    pods.pod("second").get().getStatus().getConditions())
                            .anyMatch(c -> "Unschedulable".equals(c.getReason())
                                    && c.getMessage().contains("Insufficient " + CARD)));

            pods.pod("first").withGracePeriod(1).delete();
            expectPhase("second", "Running");
            assertThat(new PodDevices(kubeletDir, sockets).of(pods.namespace, "second", CARD))
                    .containsExactly("0000:01:00");
        }
    }

    private PodBuilder withCard(String name) {
        return pods.script(name, HOLD)
                .editSpec()
                .editFirstContainer()
                .withNewResources()
                .addToLimits(CARD, new Quantity("1"))
                .endResources()
                .endContainer()
                .endSpec();
    }
}
