package io.uefivm.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibvirtHostTest {
    @TempDir
    private Path directory;

    @Test
    void twoHostsRunSideBySideAndLeaveNothingBehind() throws Exception {
        List<String> mounts = mounts();
        Path namespaceOfOne;
        Path namespaceOfTwo;
        try (var one = LibvirtHost.start("lab-one", directory.resolve("one"));
                var two = LibvirtHost.start("lab-two", directory.resolve("two"))) {
            assertThat(one.run("hostname").strip()).isEqualTo("lab-one");
            assertThat(two.run("hostname").strip()).isEqualTo("lab-two");
            assertThat(uuid(one)).isNotEqualTo(uuid(two));
            assertThat(Commands.run(List.of("virsh", "--connect", two.libvirtUri(), "hostname")))
                    .contains("lab-two");

            one.run("mount", "--bind", "/etc", "/var/lib/uefivm");
            assertThat(one.outside("/var/lib/uefivm/hosts")).exists();
            assertThat(two.outside("/var/lib/uefivm/hosts")).doesNotExist();
            // What libvirtd sees, and so QEMU.
            assertThat(one.outside("/proc/"
                                    + Files.readString(one.outside("/run/libvirtd.pid"))
                                            .strip())
                            .resolve("mountinfo"))
                    .content()
                    .contains(" /var/lib/uefivm ");

            namespaceOfOne = Files.readSymbolicLink(one.outside("/proc/1/ns/mnt"));
            namespaceOfTwo = Files.readSymbolicLink(two.outside("/proc/1/ns/mnt"));
            assertThat(processesIn(namespaceOfOne)).isNotZero();
            assertThat(processesIn(namespaceOfTwo)).isNotZero();
        }
        assertThat(processesIn(namespaceOfOne)).isZero();
        assertThat(processesIn(namespaceOfTwo)).isZero();
        assertThat(mounts()).isEqualTo(mounts);
    }

    @Test
    void libvirtdCanBeKilledAndStartedAgain() {
        try (var host = LibvirtHost.start("lab-one", directory)) {
            host.killLibvirtd();
            assertThatThrownBy(host::domains).hasStackTraceContaining("Failed to connect");
            host.startLibvirtd();
            assertThat(host.domains()).isEmpty();
        }
    }

    @Test
    void aHostStartedAgainKeepsItsDiskButNotItsRun() throws Exception {
        String uuid;
        try (var host = LibvirtHost.start("lab-one", directory)) {
            uuid = uuid(host);
            host.run("touch", "/var/lib/uefivm/kept", "/run/lost");
        }
        try (var host = LibvirtHost.start("lab-one", directory)) {
            assertThat(uuid(host)).isEqualTo(uuid);
            assertThat(host.outside("/var/lib/uefivm/kept")).exists();
            assertThat(host.outside("/run/lost")).doesNotExist();
        }
    }

    @Test
    void aCommandEndsInOrderWhenAskedToAndAtOnceWhenKilled() throws Exception {
        // destroy() also closes the pipes, so nothing is said after "up".
        String waits = "exec 2>/dev/null; trap 'sleep 1; exit 7' TERM; echo up; while :; do sleep 0.1; done";
        try (var host = LibvirtHost.start("lab-one", directory)) {
            Process asked = host.start("sh", "-c", waits);
            assertThat(asked.inputReader().readLine()).isEqualTo("up");
            asked.descendants().forEach(ProcessHandle::destroy);
            asked.destroy();
            assertThat(asked.waitFor()).isEqualTo(7);

            Process killed = host.start("sh", "-c", waits);
            assertThat(killed.inputReader().readLine()).isEqualTo("up");
            ProcessHandle command = killed.children().findFirst().orElseThrow();
            killed.destroyForcibly();
            command.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aHostEndsWithTheProcessThatStartedItHoweverThatEnds() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        Process owner = new ProcessBuilder(java, "-cp", classPath, HostOwner.class.getName(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Path namespace = Path.of(owner.inputReader().readLine());
        assertThat(processesIn(namespace)).isNotZero();
        owner.destroyForcibly();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> processesIn(namespace) == 0);
    }

    /** Starts a host, says which namespace it has, and waits to be killed. */
    static final class HostOwner {
        private HostOwner() {}

        public static void main(String[] arguments) throws Exception {
            LibvirtHost host = LibvirtHost.start("lab-one", Path.of(arguments[0]));
            System.out.println(Files.readSymbolicLink(host.outside("/proc/1/ns/mnt")));
            Thread.currentThread().join();
        }
    }

    @Test
    void aDirectoryThatCannotServeIsRefused() {
        assertThatThrownBy(() -> LibvirtHost.start("lab-one", Path.of("/run/lab")))
                .hasMessageContaining("hidden on the host by the host's own /run");
        assertThatThrownBy(() -> LibvirtHost.start("lab-one", directory.resolve("long".repeat(20))))
                .hasMessageContaining("too long for a socket's address");
    }

    private static String uuid(LibvirtHost host) throws IOException {
        return Files.readString(host.outside("/etc/libvirt/libvirtd.conf"));
    }

    private static List<String> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"));
    }

    private static long processesIn(Path namespace) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        return Files.readSymbolicLink(Path.of("/proc", process.pid() + "/ns/mnt"))
                                .equals(namespace);
                    } catch (IOException e) {
                        return false; // It ended meanwhile.
                    }
                })
                .count();
    }
}
