package io.uefivm.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibvirtHostTest {
    @TempDir
    private Path directory;

    @Test
    void twoHostsRunSideBySideAndLeaveNothingBehind() throws Exception {
        try (var one = LibvirtHost.start("lab-one", directory.resolve("one"));
                var two = LibvirtHost.start("lab-two", directory.resolve("two"))) {
            assertThat(one.run("hostname").strip()).isEqualTo("lab-one");
            assertThat(two.run("hostname").strip()).isEqualTo("lab-two");
            assertThat(uuid(one)).isNotEqualTo(uuid(two));

            one.run("mount", "--bind", "/etc", "/var/lib/uefivm");
            assertThat(one.outside("/var/lib/uefivm/libvirt")).exists();
            assertThat(two.outside("/var/lib/uefivm/libvirt")).doesNotExist();

            one.killLibvirtd();
            one.startLibvirtd();
            assertThat(one.domains()).isEmpty();
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(directory.toString());
        assertThat(commandsNaming(directory)).isEmpty();
    }

    private static String uuid(LibvirtHost host) throws Exception {
        return Files.readString(host.outside("/etc/libvirt/libvirtd.conf"));
    }

    private static Stream<String> commandsNaming(Path directory) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(directory.toString()));
    }
}
