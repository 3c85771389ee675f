package io.uefivm.agent.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.HostPciDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostDevicesTest {
    private static final String CARD = "uefivm.io/pci-10de-20b5";

    @TempDir
    private Path root;

    private final FakeHypervisor hypervisor =
            new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.22", List.of("pc-q35-7.2")), Clock.systemUTC());
    private RecordedTree server;
    private HostDevices devices;

    @BeforeEach
    void build() throws IOException {
        server = RecordedTree.of("server", root);
        boot("first");
        devices = new HostDevices(
                server.sysfs(),
                server.proc(),
                new Quarantine(root.resolve("quarantine"), server.proc()),
                new HandOvers(root.resolve("handed-over")),
                hypervisor);
    }

    private void boot(String id) throws IOException {
        Path file = server.proc().resolve("sys/kernel/random/boot_id");
        Files.createDirectories(file.getParent());
        Files.writeString(file, id + "\n");
    }

    private HostPciDevice reported(String address) {
        return devices.report().stream()
                .filter(d -> d.address().equals(address))
                .findFirst()
                .orElseThrow();
    }

    private void runWith(String device) throws Exception {
        hypervisor.start("<domain><name>lab.a</name><uuid>5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c</uuid><metadata>"
                + "<u:owner xmlns:u='https://uefivm.io/domain/1' namespace='lab' name='a' uid='x' epoch='1' pod='p'"
                + " devices='" + device + "'/></metadata></domain>");
    }

    @Test
    void reportsDevicesWithAllThatAPersonNeedsToChoose() {
        HostPciDevice card = reported("0000:41:00");

        assertThat(card.classCode()).isEqualTo("0302 3D");
        assertThat(card.resource()).isEqualTo(CARD);
        assertThat(card.functions()).containsExactly("0000:41:00.0");
        assertThat(card.bars()).extracting(bar -> bar.bytes()).containsExactly(16L << 20, 128L << 30, 32L << 20);
        assertThat(card.unavailable()).isNull();
        assertThat(card.assignedTo()).isNull();
        assertThat(reported("0000:c5:00").unavailable()).contains("mounted at /");
        assertThat(reported("0000:c1:02.0").physicalFunction()).isEqualTo("0000:c1:00.0");
    }

    @Test
    void namesTheVmThatHasADevice() throws Exception {
        runWith("0000:41:00");

        assertThat(reported("0000:41:00").assignedTo()).isEqualTo("lab/a");
        assertThat(reported("0000:42:00").assignedTo()).isNull();
    }

    @Test
    void countsWhatAGuestCouldHaveAndNothingOfTheHosts() {
        assertThat(devices.counted(resources -> Set.of()))
                .containsOnlyKeys(CARD, "uefivm.io/pci-8086-154c", "uefivm.io/pci-15b3-101d", "uefivm.io/pci-144d-a80a")
                .hasEntrySatisfying(
                        CARD,
                        cards -> assertThat(cards)
                                .containsEntry("0000:41:00", true)
                                .containsEntry("0000:42:00", true));
    }

    @Test
    void whatWasTakenByItsAddressIsNotFreeForAnother() throws Exception {
        runWith("0000:41:00");

        assertThat(devices.counted(resources -> Set.of()).get(CARD)).containsEntry("0000:41:00", false);
        assertThat(devices.counted(resources -> Set.of("0000:41:00")).get(CARD))
                .as("given by kubelet, which knows that it is not free")
                .containsEntry("0000:41:00", true);
    }

    @Test
    void whatDoesNotAnswerAfterAGuestIsOutOfOrder() throws IOException {
        server.fallOff("0000:41:00.0");

        assertThat(devices.counted(resources -> Set.of()).get(CARD))
                .containsEntry("0000:41:00", false)
                .containsEntry("0000:42:00", true);
        assertThat(reported("0000:41:00").unavailable()).contains("does not answer on the bus");
    }

    @Test
    void whatCannotBeResetGoesToOneGuestUntilTheHostReboots() throws IOException {
        Files.delete(server.function("0000:41:00.0").resolve("reset_method"));
        PciUnit card = server.inventory().unit("0000:41:00").orElseThrow();
        assertThat(reported("0000:41:00").unavailable()).isNull();

        devices.handOver(card, "lab/a", "uid-a");
        devices.handOver(server.inventory().unit("0000:42:00").orElseThrow(), "lab/b", "uid-b");

        assertThat(reported("0000:41:00").unavailable()).contains("is in quarantine", "lab/a");
        assertThat(devices.counted(resources -> Set.of()).get(CARD)).containsEntry("0000:41:00", false);
        assertThat(reported("0000:42:00").unavailable()).as("it can be reset").isNull();

        boot("second");
        assertThat(reported("0000:41:00").unavailable()).isNull();
    }

    private PciUnit unit(String name) {
        return server.inventory().unit(name).orElseThrow();
    }

    @Test
    void whatComesBackInOrderIsFree() {
        devices.handOver(unit("0000:41:00"), "lab/a", "uid-a");

        assertThat(devices.takeBack("lab/a", "uid-a")).isEmpty();
        assertThat(reported("0000:41:00").unavailable()).isNull();
    }

    @Test
    void whatDoesNotAnswerAfterItsGuestStaysInQuarantineUntilSomebodyActs() throws IOException {
        devices.handOver(unit("0000:41:00"), "lab/a", "uid-a");
        devices.handOver(unit("0000:42:00"), "lab/b", "uid-b");
        byte[] config = Files.readAllBytes(server.function("0000:41:00.0").resolve("config"));
        server.fallOff("0000:41:00.0");

        assertThat(devices.takeBack("lab/a", "uid-a"))
                .as("and again, until the VM's status has it")
                .isEqualTo(devices.takeBack("lab/a", "uid-a"))
                .singleElement()
                .satisfies(complaint ->
                        assertThat(complaint).contains("0000:41:00.0", "does not answer on the bus", "in quarantine"));
        assertThat(devices.takeBack("lab/b", "uid-b")).isEmpty();

        // It answers again, and nobody knows what a guest left in it.
        Files.write(server.function("0000:41:00.0").resolve("config"), config);
        assertThat(reported("0000:41:00").unavailable()).contains("is in quarantine", "lab/a");
        Files.delete(root.resolve("quarantine/0000:41:00"));
        assertThat(reported("0000:41:00").unavailable()).isNull();
    }

    @Test
    void whatIsGoneFromTheBusIsMissed() {
        devices.handOver(unit("0000:41:00"), "lab/a", "uid-a");
        var other = new HostDevices(
                root.resolve("empty/sys"),
                server.proc(),
                new Quarantine(root.resolve("quarantine"), server.proc()),
                new HandOvers(root.resolve("handed-over")),
                hypervisor);

        assertThat(other.takeBack("lab/a", "uid-a"))
                .singleElement()
                .satisfies(complaint -> assertThat(complaint).contains("0000:41:00 is gone from the bus"));
    }

    @Test
    void whatCannotBeResetIsToldOfWhenTheGuestEnded() throws IOException {
        Files.delete(server.function("0000:41:00.0").resolve("reset_method"));
        devices.handOver(unit("0000:41:00"), "lab/a", "uid-a");

        assertThat(devices.takeBack("lab/a", "uid-a"))
                .singleElement()
                .satisfies(complaint -> assertThat(complaint).contains("0000:41:00 cannot be reset"));

        devices.forget("uid-a");
        assertThat(devices.takeBack("lab/a", "uid-a")).isEmpty();
    }
}
