package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.HostPciDevice;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.e2e.cluster.CgroupDriver;
import io.uefivm.e2e.lab.NestedMachine;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/**
 * A display of a host for a guest, end to end: on a nested machine with an emulated IOMMU run libvirt, the kubelet stand-in
 * and the node agent, outside of it everything else. Not among the integration tests of every build, because an emulated
 * machine that emulates another one takes its time; node-agent/docs/passthrough.md has the command.
 */
class NestedPassthrough extends OnNestedMachine {
    /** As the sample selects it. */
    private static final String NODE = "workstation-1";

    private static final String FIRST = "gpu-workstation";
    private static final String RESOURCE = "uefivm.io/pci-1234-1111";
    private static final String HOST_DRIVER = "bochs-drm";
    private static final int ROM_SIZE = 32 * 1024;

    @Test
    void theCardOfTheSampleGoesToOneGuestAtATimeAndBack() throws IOException {
        site.operator().awaitReady();
        try (NestedMachine machine =
                NestedMachine.boot(NODE, NestedMachine.Init.SHELL, work, programs(NODE, "tcg", CgroupDriver.NONE))) {
            HostPciDevice card = awaitDevice(NestedMachine.CARD, d -> true);
            assertThat(card.iommuGroup()).isNotNull();
            assertThat(card.groupMembers()).isEmpty();
            assertThat(card.unavailable()).isNull();
            assertThat(card.resource()).isEqualTo(RESOURCE);
            String function = card.functions().get(0);
            assertThat(machine.driver(function)).isEqualTo(HOST_DRIVER);
            assertThat(awaitDevice(NestedMachine.SHARED_CARD, d -> true).unavailable())
                    .contains("shares its IOMMU group with 0000:03:02.0 8086:100e");
            await("both are counted, one can be had").untilAsserted(() -> {
                var status = site.client().nodes().withName(NODE).get().getStatus();
                assertThat(status.getCapacity()).containsEntry(RESOURCE, new Quantity("2"));
                assertThat(status.getAllocatable()).containsEntry(RESOURCE, new Quantity("1"));
            });
            Path blank = machine.screen("host");

            createSample();
            awaitStatus(machine, FIRST, s -> is(s, ConditionType.Ready, "True"));
            assertThat(machine.driver(function)).isEqualTo("vfio-pci");

            createRom();
            createWith(
                    "second",
                    "pci: {vendor: '1234', device: '1111'}, rom: {configMapKeyRef: {name: roms, key: card.rom}}");
            awaitStatus(
                    machine,
                    "second",
                    s -> message(s, ConditionType.Scheduled).contains("Insufficient " + RESOURCE)
                            && has(s, ConditionType.Scheduled, Reason.Unschedulable));
            createWith("neighbour", "pci: {address: '" + NestedMachine.SHARED_CARD + "'}");
            awaitStatus(
                    machine,
                    "neighbour",
                    s -> message(s, ConditionType.DomainRunning).contains("0000:03:02.0 8086:100e")
                            && has(s, ConditionType.DomainRunning, Reason.DeviceUnavailable));
            vm("neighbour").delete();

            await("the firmware draws on the card").until(() -> drawn(machine.screen("guest"), blank));
            awaitDevice(
                    NestedMachine.CARD,
                    d -> (NAMESPACE + "/" + FIRST).equals(d.assignedTo()) && "vfio-pci".equals(d.driver()));

            patchSpec(FIRST, "{\"runStrategy\": \"Halted\", \"terminationGracePeriodSeconds\": 1}");
            var stopped = awaitStatus(machine, FIRST, s -> s.phase() == Phase.Stopped);
            assertThat(stopped.condition(ConditionType.DevicesReset))
                    .as("a card that came back in order")
                    .isEmpty();
            awaitStatus(machine, "second", s -> is(s, ConditionType.Ready, "True"));
            assertThat(machine.run("virsh -q qemu-monitor-command default.second --hmp info qtree"))
                    .as("QEMU has the ROM of the ConfigMap")
                    .containsPattern("romfile = \"/var/lib/uefivm/[^\"]*[.]rom\"");
            assertThat(machine.driver(function)).isEqualTo("vfio-pci");
            vm("second").delete();
            await("the host's driver has the card again").until(() -> HOST_DRIVER.equals(machine.driver(function)));
        }
    }

    /** No ROM that firmware would run, but one by its first bytes. */
    private static void createRom() {
        byte[] rom = new byte[ROM_SIZE];
        rom[0] = 0x55;
        rom[1] = (byte) 0xaa;
        rom[2] = (byte) (ROM_SIZE / 512);
        site.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("roms")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .addToBinaryData("card.rom", Base64.getEncoder().encodeToString(rom))
                        .build())
                .create();
    }

    /** The sample, made small enough for a machine that is emulated; its device and its node are as they are. */
    private static void createSample() throws IOException {
        String sample =
                Files.readString(Path.of("../samples/gpu-workstation.yaml")).split("\n---\n")[0];
        GenericKubernetesResource vm = Serialization.unmarshal(sample, GenericKubernetesResource.class);
        Map<String, Object> spec = vm.get("spec");
        spec.put("cpu", Map.of("cores", 1));
        spec.put("memory", Map.of("size", "512Mi"));
        spec.put("firmware", Map.of("secureBoot", "Disabled"));
        spec.put("tpm", Map.of("enabled", false));
        spec.put("networks", List.of());
        emptyDisk("gpu-workstation-system");
        vm.getMetadata().setNamespace(NAMESPACE);
        site.client().resource(vm).create();
    }

    private static void createWith(String name, String device) throws IOException {
        createWithDisk(name, """
                firmware: {secureBoot: Disabled}
                tpm: {enabled: false}
                terminationGracePeriodSeconds: 1
                devices: [{name: gpu, %s}]
                """.formatted(device));
    }

    private static HostPciDevice awaitDevice(String address, Predicate<HostPciDevice> condition) {
        return await(address + " in the UefiHost")
                .until(() -> device(address), d -> d.filter(condition).isPresent())
                .orElseThrow();
    }

    private static Optional<HostPciDevice> device(String address) {
        return Optional.ofNullable(
                        site.client().resources(UefiHost.class).withName(NODE).get())
                .flatMap(host -> Optional.ofNullable(host.getStatus()))
                .flatMap(status -> status.pciDevices().stream()
                        .filter(d -> d.address().equals(address))
                        .findFirst());
    }

    /** Whether there is a picture in several colours that was not there before. */
    private static boolean drawn(Path screen, Path before) {
        int[] now = pixels(screen);
        return Arrays.stream(now).filter(pixel -> pixel != now[0]).count() > 1000
                && !Arrays.equals(now, pixels(before));
    }

    private static int[] pixels(Path picture) {
        try {
            BufferedImage image = Objects.requireNonNull(ImageIO.read(picture.toFile()), picture.toString());
            return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
