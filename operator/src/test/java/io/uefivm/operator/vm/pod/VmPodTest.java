package io.uefivm.operator.vm.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.PciDevice;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RolloutPart;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.SpecDigests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmPodTest {
    private static final String UID = "5f0e4b7c-0000-4000-8000-000000000001";
    private static final String DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final Map<String, ClaimView> CLAIMS = Map.of(
            "web-root", new ClaimView("web-root", false, false, true, Optional.empty()),
            "web-data", new ClaimView("web-data", false, false, false, Optional.empty()),
            "debian-iso", new ClaimView("debian-iso", false, false, false, Optional.empty()));

    private static final Function<PciDevice, OptionalLong> UNKNOWN = device -> OptionalLong.empty();

    /** {@code in-*.yaml} is a spec, {@code out-*.yaml} what is made of it. */
    @ParameterizedTest
    @ValueSource(strings = {"small", "large", "declared", "media"})
    void podIsTheGoldenOne(String name) throws IOException {
        Pod pod = VmPod.of(machine(name), 7, "web-7", CLAIMS, UNKNOWN, "agent:1");
        // Digests say nothing to a reader.
        assertThat(pod.getMetadata().getAnnotations().remove(Api.ANNOTATION_SPEC))
                .isEqualTo(SpecDigests.of(machine(name).spec()).text());
        assertGolden("pod-" + name, pod);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small", "large", "declared", "media"})
    void claimIsTheGoldenOne(String name) throws IOException {
        assertGolden("claim-" + name, NvramClaim.of(machine(name)));
    }

    @Test
    void whatErasesMountsTheSharedClaimAloneWhereTheVmWas() throws IOException {
        assertGolden("eraser", EraserPod.of(machine("shared"), "agent:1"));
    }

    private static void assertGolden(String name, HasMetadata made) throws IOException {
        String file = "out-" + name + ".yaml";
        assertThat(Serialization.yamlMapper().readTree(Serialization.asYaml(made)))
                .as("src/test/resources/io/uefivm/operator/vm/pod/" + file + "; made was\n"
                        + Serialization.asYaml(made))
                .isEqualTo(Serialization.yamlMapper().readTree(read(file)));
    }

    private static Machine machine(String name) throws IOException {
        UefiVirtualMachineStatus empty = UefiVirtualMachineStatus.EMPTY;
        UefiVirtualMachineStatus booted = UefiVirtualMachineStatus.ofAgent(
                "pc-q35-7.2",
                new FirmwareStatus(null, DIGEST, null, 540_672L, null, List.of(), null),
                null,
                null,
                null,
                List.of());
        UefiVirtualMachineStatus ran = UefiVirtualMachineStatus.ofAgent(
                null,
                null,
                null,
                new DomainStatus(
                        1L,
                        DomainState.Stopped,
                        Reason.StopRequested,
                        null,
                        "host-1",
                        "ns.web",
                        "kvm",
                        null,
                        null,
                        null),
                null,
                List.of());
        return new Machine(
                "ns",
                "web",
                UID,
                3,
                Serialization.unmarshal(read("in-" + name + ".yaml"), UefiVirtualMachineSpec.class),
                name.equals("large") ? booted : name.equals("shared") ? ran : empty,
                Optional.empty());
    }

    private static String read(String file) throws IOException {
        try (InputStream in = VmPodTest.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The small one, with another spec. */
    private static Machine small(UefiVirtualMachineSpec spec) throws IOException {
        Machine plain = machine("small");
        return new Machine(plain.namespace(), plain.name(), plain.uid(), 1, spec, plain.status(), Optional.empty());
    }

    @Test
    void aRollOutHoldsAVmOnNodesWithItsBuildAndTellsTheAgent() throws IOException {
        Machine large = machine("large");
        for (Optional<RolloutPart> part : List.of(
                Optional.<RolloutPart>empty(), Optional.of(RolloutPart.Held), Optional.of(RolloutPart.Taking))) {
            var spec = Serialization.unmarshal("memory: {size: 1Gi}", UefiVirtualMachineSpec.class);
            var vm = new Machine("ns", "web", UID, 1, spec, large.status(), part);
            Pod pod = VmPod.of(vm, 2, "web-2", Map.of(), UNKNOWN, "agent:1");
            boolean held = part.equals(Optional.of(RolloutPart.Held));
            String label = Placement.firmwareLabel(vm.lastCode().orElseThrow());

            assertThat(Optional.ofNullable(pod.getMetadata().getAnnotations().get(Api.ANNOTATION_FIRMWARE_ROLLOUT)))
                    .isEqualTo(part.map(RolloutPart::name));
            assertThat(pod.getSpec().getNodeSelector().containsKey(label)).isEqualTo(held);
            assertThat(pod.getSpec().getAffinity() == null).isEqualTo(held);
        }
    }

    @Test
    void devicesAreCountedByKindAndNotByAddress() throws IOException {
        var spec = Serialization.unmarshal("""
                memory: {size: 1Gi}
                devices:
                - {name: a, pci: {vendor: 10de, device: 20b5}}
                - {name: b, pci: {resource: uefivm.io/pci-10de-20b5}}
                - {name: c, pci: {resource: example.com/nic}}
                - {name: d, pci: {address: '0000:01:00'}}
                """, UefiVirtualMachineSpec.class);
        Machine vm = small(spec);

        ResourceRequirements hold = VmPod.of(vm, 1, "web-1", Map.of(), UNKNOWN, "agent:1")
                .getSpec()
                .getContainers()
                .get(0)
                .getResources();

        Map<String, Quantity> counted =
                Map.of("uefivm.io/pci-10de-20b5", new Quantity("2"), "example.com/nic", new Quantity("1"));
        assertThat(hold.getLimits())
                .containsAllEntriesOf(counted)
                .containsOnlyKeys("memory", "uefivm.io/pci-10de-20b5", "example.com/nic");
        assertThat(hold.getRequests()).as("kubelet wants both to be the same").containsAllEntriesOf(counted);
    }

    /** Guaranteed, as kubelet's static CPU policy wants it: limits equal to requests, of every container. */
    @Test
    void cpusOfItsOwnMakeThePodGuaranteed() throws IOException {
        var spec = Serialization.unmarshal(
                "---\n{memory: {size: 4Gi, hugepages: {pageSize: 2Mi}}, cpu: {cores: 2, threads: 2, dedicated: true}}",
                UefiVirtualMachineSpec.class);
        Machine vm = small(spec);

        assertThat(VmPod.of(vm, 1, "web-1", Map.of(), UNKNOWN, "agent:1").getSpec())
                .satisfies(pod -> assertThat(pod.getContainers())
                        .singleElement()
                        .satisfies(hold -> assertThat(hold.getResources().getLimits())
                                .containsEntry("cpu", new Quantity("4"))
                                .containsKey("memory")
                                .isEqualTo(hold.getResources().getRequests())));
    }

    @Test
    void romsReachTheAgentInVolumesOfThePod() throws IOException {
        var spec = Serialization.unmarshal("""
                memory: {size: 1Gi}
                devices:
                - name: a
                  pci: {address: '0000:01:00'}
                  rom: {persistentVolumeClaim: {claimName: roms, file: a.rom}}
                - name: b
                  pci: {address: '0000:02:00'}
                  rom: {configMapKeyRef: {name: roms, key: b.rom}}
                """, UefiVirtualMachineSpec.class);
        Machine vm = small(spec);

        assertThat(VmPod.of(vm, 1, "web-1", Map.of(), UNKNOWN, "agent:1").getSpec())
                .satisfies(pod -> {
                    assertThat(pod.getContainers().get(0).getVolumeMounts())
                            .extracting("name")
                            .contains("rom-a", "firmware")
                            .doesNotContain("rom-b");
                    assertThat(pod.getVolumes())
                            .filteredOn(volume -> volume.getName().equals("rom-a"))
                            .singleElement()
                            .satisfies(volume -> assertThat(volume.getPersistentVolumeClaim())
                                    .isEqualTo(new PersistentVolumeClaimVolumeSource("roms", true)));
                    assertThat(pod.getVolumes())
                            .filteredOn(volume -> volume.getName().equals("firmware"))
                            .singleElement()
                            .satisfies(volume -> assertThat(
                                            volume.getProjected().getSources())
                                    .extracting(source -> source.getConfigMap().getItems())
                                    .containsExactly(List.of(new KeyToPath("b.rom", null, "roms/b"))));
                });
    }

    @Test
    void aVmThatKeepsNothingMountsNoClaimForIt() throws IOException {
        var spec = Serialization.unmarshal(
                "---\n{memory: {size: 1Gi}, tpm: {enabled: false}, firmware: {secureBoot: Disabled, layout: Stateless}}",
                UefiVirtualMachineSpec.class);
        Machine vm = small(spec);

        assertThat(VmPod.of(vm, 1, "web-1", Map.of(), UNKNOWN, "agent:1").getSpec())
                .satisfies(pod -> {
                    assertThat(pod.getVolumes()).extracting("name").containsExactly("uefivm");
                    assertThat(pod.getContainers().get(0).getVolumeMounts())
                            .extracting("name")
                            .containsExactly("uefivm");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "76 | {memory: {size: 1Gi}, tpm: {enabled: false}, graphics: {type: None}}",
                "132 | {memory: {size: 1Gi}}",
                "140 | {memory: {size: 1Gi}, disks: [{name: a, ioThread: true, persistentVolumeClaim: {claimName: a}}, {name: b, persistentVolumeClaim: {claimName: b}}]}",
                "168 | {memory: {size: 8Gi}, cpu: {cores: 2}}",
                "136 | {memory: {size: 8Gi, hugepages: {pageSize: 2Mi}}, cpu: {cores: 2}}",
                "1126 | {memory: {size: 1Gi}, devices: [{name: g, pci: {address: '0000:01:00'}}]}",
                "502 | {memory: {size: 1Gi}, devices: [{name: g, pci: {vendor: 10de, device: 20b5}}]}",
                "896 | {memory: {size: 1Gi, hugepages: {pageSize: 2Mi}}, devices: [{name: g, pci: {vendor: 10de, device: 20b5}}, {name: h, pci: {vendor: 10de, device: 20b5}}]}",
            })
    void overheadFollowsTheFormula(long mebibytes, String spec) {
        assertThat(MemoryOverhead.bytes(
                        Serialization.unmarshal("---\n" + spec, UefiVirtualMachineSpec.class),
                        device -> device.countedAs().isPresent() ? OptionalLong.of(64L << 30) : OptionalLong.empty()))
                .isEqualTo(mebibytes << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "web, 1, web-1",
        "web, 1234567890123, web-1234567890123",
        "a.b, 1, a-b-2e7336dc-1",
    })
    void podNamesAreTheVmsNameAndTheEpoch(String vm, long epoch, String pod) {
        assertThat(PodName.of(vm, epoch)).isEqualTo(pod);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 99, 12_345, Long.MAX_VALUE})
    void longNamesAreShortenedSafely(long epoch) {
        String one = "a".repeat(62) + "1";
        String two = "a".repeat(62) + "2";
        assertThat(PodName.of(one, epoch))
                .hasSizeLessThanOrEqualTo(63)
                .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
                .endsWith("-" + epoch)
                .isEqualTo(PodName.of(one, epoch))
                .isNotEqualTo(PodName.of(two, epoch));
    }
}
