package io.uefivm.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract on a real libvirtd with real QEMU processes, and what only a real one has. */
@Tag("libvirt")
class LibvirtHypervisorTest extends HypervisorContractTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int PORT = 6900;

    private static PrivateLibvirt libvirt;

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

    @Override
    protected Hypervisor open() {
        return LibvirtHypervisor.connect(libvirt.uri(), libvirt.hostRoot());
    }

    @Override
    protected Path directory() {
        return libvirt.scratch();
    }

    @Override
    protected void guestPowersOff(UUID uuid) {
        // Its code does.
    }

    @Override
    protected void guestsIgnoreTheButton() {
        // A matter of their code.
    }

    @Override
    protected void crash(UUID uuid, String name) {
        libvirt.signalQemu(name, "KILL");
    }

    @Override
    protected void terminateFromOutside(UUID uuid, String name) {
        libvirt.signalQemu(name, "TERM");
    }

    @Override
    protected void watchdogFires(UUID uuid, boolean poweredOff) {
        // Its code sees to that.
    }

    @Override
    protected void disconnect() {
        libvirt.killLibvirtd();
    }

    @Override
    protected void reconnect() {
        libvirt.startLibvirtd();
    }

    @Test
    void guestThatPoweredOffWhileLibvirtdWasAwayIsNotTakenForACrash() throws Exception {
        UUID uuid = UUID.randomUUID();
        Instant before = Instant.now();
        try (Hypervisor hypervisor = open()) {
            hypervisor.start(TinyGuest.BRIEF.xml(uuid.toString(), "brief", "", directory()));
            libvirt.killLibvirtd();
        }
        // QEMU then waits for libvirtd with the guest shut down: its processor time stands still.
        var time = new AtomicLong();
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(2)).until(() -> {
            long now = libvirt.qemuProcessorTime("brief");
            return time.getAndSet(now) == now;
        });
        libvirt.startLibvirtd();

        try (Hypervisor hypervisor = open()) {
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(hypervisor.lastEnd("brief", before)).isEqualTo(DomainEnd.SHUTDOWN));
        }
    }

    @Test
    void growsDisksThatAGuestHasOpen() throws Exception {
        UUID uuid = UUID.randomUUID();
        Path raw = directory().resolve("grows.img");
        Path qcow2 = directory().resolve("grows.qcow2");
        Files.write(raw, new byte[1 << 20]);
        assertThat(new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", qcow2.toString(), "1M")
                        .inheritIO()
                        .start()
                        .waitFor())
                .as("qemu-img; install it with: apt-get install -y qemu-utils")
                .isZero();
        try (Hypervisor hypervisor = open()) {
            hypervisor.start(TinyGuest.STUBBORN
                    .xml(uuid.toString(), "grows", "", directory())
                    .replace("</devices>", disk("raw", raw, "vda") + disk("qcow2", qcow2, "vdb") + "</devices>"));

            assertThat(hypervisor.diskSize(uuid, raw.toString())).contains(new DiskSize(1 << 20, 1 << 20));
            for (Path image : List.of(raw, qcow2)) {
                hypervisor.resizeDisk(uuid, image.toString(), 5 << 20);
                assertThat(hypervisor.diskSize(uuid, image.toString()))
                        .as("as QEMU sees %s", image)
                        .hasValueSatisfying(size -> assertThat(size.bytes()).isEqualTo(5 << 20));
            }
            assertThat(Files.size(raw)).isEqualTo(5 << 20);
            assertThatThrownBy(() -> hypervisor.diskSize(uuid, "/no/such/disk"))
                    .isInstanceOfSatisfying(
                            HypervisorException.class,
                            e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));
            hypervisor.destroy(uuid);
            assertThat(hypervisor.diskSize(uuid, raw.toString())).isEmpty();
        }
    }

    private static String disk(String format, Path image, String target) {
        return "<disk type='file' device='disk'><driver name='qemu' type='%s'/><source file='%s'/>"
                        .formatted(format, image)
                + "<target dev='%s' bus='virtio'/></disk>".formatted(target);
    }

    /** The port is given, so that all attempts want the same: what libvirt chooses is never taken when one test looks. */
    @Test
    void aPortThatIsTakenWhenQemuWantsItIsTriedAgain() throws Exception {
        UUID uuid = UUID.randomUUID();
        // libvirt takes it for a screen's: 5900 and above.
        String graphics = "<graphics type='vnc' autoport='no' port='%d' listen='127.0.0.1'/></devices>".formatted(PORT);
        String xml = TinyGuest.STUBBORN
                .xml(uuid.toString(), "screen", "", directory())
                .replace("</devices>", graphics);
        Path log = libvirt.hostRoot().resolve("var/log/libvirt/qemu/screen.log");
        Process taker = taker();
        try (Hypervisor hypervisor = open()) {
            assertThatThrownBy(() -> hypervisor.start(xml))
                    .as("the attempts are bounded")
                    .isInstanceOf(HypervisorException.class);
            int refusals = refusals(log);
            assertThat(refusals).isEqualTo(5);

            var free = CompletableFuture.runAsync(() -> {
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> refusals(log) > refusals);
                end(taker);
            });
            hypervisor.start(xml);
            free.join();
            assertThat(refusals(log)).isGreaterThan(refusals);
            hypervisor.destroy(uuid);
        } finally {
            end(taker);
        }
    }

    /** Listens where QEMU wants to, until it is ended. */
    private static Process taker() throws IOException {
        String listen =
                "import socket, time; s = socket.create_server(('127.0.0.1', %d)); print('taken', flush=True); time.sleep(3600)";
        Process taker = libvirt.beside("python3", "-c", listen.formatted(PORT)).start();
        assertThat(taker.inputReader().readLine()).isEqualTo("taken");
        return taker;
    }

    private static void end(Process taker) {
        taker.descendants().forEach(ProcessHandle::destroy);
        taker.destroy();
    }

    private static int refusals(Path log) {
        try {
            return Files.readString(log).split("Address already in use", -1).length - 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aTpmThatDoesNotComeUpIsARefusalInLibvirtsWords() throws Exception {
        UUID uuid = UUID.randomUUID();
        String xml = TinyGuest.STUBBORN
                .xml(uuid.toString(), "slow", "", directory())
                .replace(
                        "</devices>",
                        "<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'/></tpm></devices>");
        Path slow = Files.writeString(directory().resolve("slow-swtpm"), "#!/bin/sh\nexec sleep 60\n");
        libvirt.run("chmod", "755", slow.toString());
        try (Hypervisor hypervisor = open()) {
            // swtpm_setup, which makes the first state, needs a swtpm that works.
            hypervisor.start(xml);
            hypervisor.destroy(uuid);
            libvirt.run("mount", "--bind", slow.toString(), "/usr/bin/swtpm");
            try {
                assertThatThrownBy(() -> hypervisor.start(xml))
                        .hasMessageContaining("swtpm socket did not show up")
                        .isInstanceOfSatisfying(
                                HypervisorException.class,
                                e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));
            } finally {
                libvirt.run("umount", "/usr/bin/swtpm");
            }
            assertThat(hypervisor.domain(uuid)).isEmpty();
        }
    }

    @Test
    void trialEndsWithItsConnection() throws Exception {
        Hypervisor first = open();
        first.startTrial(TinyGuest.STUBBORN.xml(UUID.randomUUID().toString(), "trial", "", directory()));
        first.close();

        await().atMost(PATIENCE).until(() -> !Files.exists(libvirt.scratch().resolve("run/libvirt/qemu/trial.pid")));
    }

    @Test
    void neitherLostNorClosedConnectionsLeaveASocketBehind() throws Exception {
        try (Hypervisor hypervisor = open()) {
            hypervisor.facts();
            long before = sockets();
            for (int i = 0; i < 3; i++) {
                libvirt.killLibvirtd();
                libvirt.startLibvirtd();
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> hypervisor.domains().isEmpty());
            }
            for (int i = 0; i < 3; i++) {
                open().close();
            }
            // The event loop closes them, a moment later.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(sockets()).isLessThanOrEqualTo(before));
        }
    }

    private static long sockets() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().startsWith("socket:");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
