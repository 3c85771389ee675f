package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.uefivm.agent.domain.HostDevice;
import io.uefivm.agent.domain.PciAddress;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.kubelet.PodDevices;
import io.uefivm.agent.kubelet.UnixSockets;
import io.uefivm.agent.kubelet.podresources.ContainerDevices;
import io.uefivm.agent.kubelet.podresources.ContainerResources;
import io.uefivm.agent.kubelet.podresources.ListPodResourcesRequest;
import io.uefivm.agent.kubelet.podresources.ListPodResourcesResponse;
import io.uefivm.agent.kubelet.podresources.PodResources;
import io.uefivm.agent.kubelet.podresources.PodResourcesListerGrpc;
import io.uefivm.agent.pci.HandOvers;
import io.uefivm.agent.pci.HostDevices;
import io.uefivm.agent.pci.Quarantine;
import io.uefivm.agent.pci.RecordedTree;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassthroughTest {
    private static final String VM_UID = "5f0e4b7c-0000-4000-8000-000000000001";
    private static final String CARD = "uefivm.io/pci-10de-20b5";

    @TempDir
    private Path root;

    /** A path that JUnit would make is longer than a socket's may be (unix(7), 108 bytes). */
    private Path kubeletDir;

    private final FakeHypervisor hypervisor =
            new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.22", List.of("pc-q35-7.2")), Clock.systemUTC());
    private final UnixSockets sockets = new UnixSockets();
    private Server kubelet;
    private List<String> given = List.of();
    private RecordedTree server;

    /** Says that the pod {@code vm-1} was given the devices. */
    private final class Lister extends PodResourcesListerGrpc.PodResourcesListerImplBase {
        @Override
        public void list(ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
            answer.onNext(ListPodResourcesResponse.newBuilder()
                    .addPodResources(PodResources.newBuilder()
                            .setNamespace("lab")
                            .setName("vm-1")
                            .addContainers(ContainerResources.newBuilder()
                                    .setName("hold")
                                    .addDevices(ContainerDevices.newBuilder()
                                            .setResourceName(CARD)
                                            .addAllDeviceIds(given))))
                    .build());
            answer.onCompleted();
        }
    }

    @BeforeEach
    void start() throws IOException {
        kubeletDir = Files.createTempDirectory("kubelet");
        kubelet = sockets.serve(
                Files.createDirectories(kubeletDir.resolve("pod-resources")).resolve("kubelet.sock"),
                List.of(new Lister()));
        server = RecordedTree.of("server", root.resolve("server"));
    }

    @AfterEach
    void stop() throws IOException {
        kubelet.shutdownNow();
        sockets.close();
        try (var files = Files.walk(kubeletDir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Map<String, HostDevice> devices(RecordedTree host, String devices) throws Exception {
        Path boot = host.proc().resolve("sys/kernel/random/boot_id");
        Files.createDirectories(boot.getParent());
        Files.writeString(boot, "first\n");
        var quarantine = new Quarantine(root.resolve("quarantine"), host.proc());
        var finder = new Passthrough(
                new HostDevices(
                        host.sysfs(), host.proc(), quarantine, new HandOvers(root.resolve("handed-over")), hypervisor),
                new PodDevices(kubeletDir, sockets));
        var vm = Serialization.unmarshal("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: vm, namespace: lab, uid: %s}
                spec: {memory: {size: 1Gi}, devices: [%s]}
                """.formatted(VM_UID, devices), UefiVirtualMachine.class);
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("lab")
                .withName("vm-1")
                .endMetadata()
                .build();
        return finder.devices(vm, pod);
    }

    private void assertRefused(RecordedTree host, String devices, String... why) {
        assertThatThrownBy(() -> devices(host, devices))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).isEqualTo(Reason.DeviceUnavailable))
                .hasMessageContainingAll(why);
    }

    @Test
    void findsWhatKubeletGaveInTheOrderOfTheSpec() throws Exception {
        given = List.of("0000:42:00", "0000:41:00");

        Map<String, HostDevice> found = devices(
                server, "{name: b, pci: {vendor: 10de, device: 20b5}}, {name: a, pci: {resource: " + CARD + "}}");

        assertThat(found.get("b").name()).isEqualTo("0000:41:00");
        assertThat(found.get("a").name()).isEqualTo("0000:42:00");
        assertThat(found.get("a").functions()).containsExactly(PciAddress.parse("0000:42:00.0"));
        assertThat(found.get("a").bars()).extracting(bar -> bar.bytes()).contains(128L << 30);
        assertThat(found.get("a").virtualFunction()).isFalse();
    }

    @Test
    void findsAVirtualFunctionByItsAddress() throws Exception {
        HostDevice nic =
                devices(server, "{name: nic, pci: {address: '0000:c1:02.1'}}").get("nic");

        assertThat(nic.virtualFunction()).isTrue();
        assertThat(nic.functions()).containsExactly(PciAddress.parse("0000:c1:02.1"));
    }

    @Test
    void refusesWhatKubeletDidNotGiveOrTheHostDoesNotHave() {
        assertRefused(
                server, "{name: gpu, pci: {resource: " + CARD + "}}", "devices[gpu]: kubelet gave the pod no " + CARD);
        assertRefused(
                server,
                "{name: gpu, pci: {address: '0000:99:00'}}",
                "devices[gpu]: this host has no PCI device 0000:99:00",
                "nodeSelector");
    }

    @Test
    void refusesTheSameDeviceTwice() {
        given = List.of("0000:41:00");
        assertRefused(
                server,
                "{name: a, pci: {resource: " + CARD + "}}, {name: b, pci: {address: '0000:41:00'}}",
                "devices[b]: 0000:41:00 is asked for twice");
    }

    @Test
    void namesWhoElseIsInTheGroupUnlessTheVmGetsThemToo() throws Exception {
        RecordedTree workstation = RecordedTree.of("workstation", root.resolve("workstation"));
        assertRefused(
                workstation,
                "{name: gpu, pci: {address: '0000:02:00'}}",
                "devices[gpu]: 0000:02:00 shares its IOMMU group with 0000:01:00.0 10de:1e87",
                "driver nouveau");

        Map<String, HostDevice> both = devices(
                workstation, "{name: gpu, pci: {address: '0000:02:00'}}, {name: other, pci: {address: '0000:01:00'}}");
        assertThat(both.get("other").functions()).hasSize(4);
    }

    @Test
    void namesTheVmThatHasTheDevice() throws Exception {
        hypervisor.start("<domain><name>lab.a</name><uuid>5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c</uuid><metadata>"
                + "<u:owner xmlns:u='https://uefivm.io/domain/1' namespace='lab' name='a' uid='x' epoch='1' pod='p'"
                + " devices='0000:41:00'/></metadata></domain>");
        assertRefused(
                server, "{name: gpu, pci: {address: '0000:41:00'}}", "0000:41:00 is with lab/a", "stop that VM first");
    }

    @Test
    void whatCannotBeResetIsGivenOnce() throws Exception {
        Files.delete(server.function("0000:41:00.0").resolve("reset_method"));
        assertThat(devices(server, "{name: gpu, pci: {address: '0000:41:00'}}")).hasSize(1);

        assertRefused(
                server,
                "{name: gpu, pci: {address: '0000:41:00'}}",
                "0000:41:00 is in quarantine",
                "lab/vm",
                "when the host was rebooted");
    }

    @Test
    void triesAgainWhileKubeletDoesNotAnswer() {
        kubelet.shutdownNow();
        assertThatThrownBy(() -> devices(server, "{name: gpu, pci: {resource: " + CARD + "}}"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("kubelet");
    }

    @Test
    void asksNobodyForAVmWithoutDevices() throws Exception {
        kubelet.shutdownNow();
        assertThat(devices(server, "")).isEmpty();
    }
}
