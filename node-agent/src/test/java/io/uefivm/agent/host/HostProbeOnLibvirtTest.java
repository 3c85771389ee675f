package io.uefivm.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.LibvirtHypervisor;
import io.uefivm.agent.hypervisor.PrivateLibvirt;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Trial guests on a real libvirtd and QEMU. */
@Tag("libvirt")
class HostProbeOnLibvirtTest {
    private static PrivateLibvirt libvirt;

    private Hypervisor hypervisor;

    @BeforeAll
    static void startLibvirt() {
        libvirt = PrivateLibvirt.start();
    }

    @AfterAll
    static void stopLibvirt() {
        if (libvirt != null) {
            libvirt.close();
        }
    }

    @BeforeEach
    void connect() {
        hypervisor = LibvirtHypervisor.connect(libvirt.uri(), libvirt.hostRoot());
    }

    @AfterEach
    void disconnect() {
        hypervisor.close();
    }

    private Path state() {
        return libvirt.scratch().resolve("state");
    }

    private HostProbe probe(Optional<Accelerator> forced) {
        var options = new AgentOptions("n", "ns", libvirt.uri(), Path.of("/"), state(), state(), state(), forced);
        return new HostProbe(hypervisor, options, List::of, List::of, Clock.systemUTC());
    }

    @Test
    void emulatedGuestRunsAndNothingIsLeftOfIt() throws Exception {
        HostProbe probe = probe(Optional.of(Accelerator.TCG));

        UefiHostStatus status = probe.status();

        assertThat(status.condition(ConditionType.Virtualization).orElseThrow().getStatus())
                .as(status.toString())
                .isEqualTo("True");
        assertThat(status.condition(ConditionType.FirmwareAvailable)
                        .orElseThrow()
                        .getStatus())
                .as("apt-get install -y ovmf")
                .isEqualTo("True");
        assertThat(probe.smm()).isTrue();
        assertThat(hypervisor.domains()).isEmpty();
        assertThat(files(state().resolve("probe"))).isEmpty();
        assertThat(files(libvirt.scratch().resolve("run/libvirt/qemu")))
                .noneMatch(name -> name.startsWith("uefivm-probe"));
    }

    @Test
    void whateverWorksHereIsFound() throws Exception {
        HostProbe probe = probe(Optional.empty());

        UefiHostStatus status = probe.status();

        assertThat(status.virtualization().accelerator())
                .as(status.toString())
                .isEqualTo(probe.accelerator().label());
        if (probe.accelerator() == Accelerator.TCG) {
            assertThat(status.condition(ConditionType.Virtualization)
                            .orElseThrow()
                            .getMessage())
                    .contains("kvm: ");
        }
    }

    @Test
    void refusalIsAnObjectionInLibvirtsWords() throws Exception {
        var probe = new AcceleratorProbe(hypervisor, state().resolve("probe"));

        assertThat(probe.objection(Accelerator.TCG, "pc-q35-0.1").orElseThrow()).contains("pc-q35-0.1");
    }

    @Test
    void trialThatWasInterruptedIsNotInTheWay() throws Exception {
        var probe = new AcceleratorProbe(hypervisor, state().resolve("probe"));
        try (Hypervisor dying = LibvirtHypervisor.connect(libvirt.uri(), libvirt.hostRoot())) {
            // Its handle is not closed and its connection still stands, as right after a kill -9.
            dying.startTrial(interrupted("uefivm-probe-tcg"));

            assertThat(probe.objection(Accelerator.TCG, "pc-q35-7.2")).isEmpty();
        }
    }

    private static String interrupted(String name) {
        UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII));
        return TinyGuest.STUBBORN.xml(uuid.toString(), name, "", libvirt.scratch());
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
