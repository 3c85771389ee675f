package io.uefivm.agent.domain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real libvirt of the test's own, in namespaces that end with it or with the test's process, whatever ends that.
 * Needs root and the packages of a KVM host.
 */
final class PrivateLibvirt implements AutoCloseable {
    private static final String PACKAGES = "apt-get install -y --no-install-recommends libvirt-daemon-system"
            + " libvirt-clients qemu-system-x86 ovmf swtpm swtpm-tools iproute2";
    private static final List<String> PROGRAMS =
            List.of("libvirtd", "virtlogd", "virsh", "qemu-system-x86_64", "swtpm", "swtpm_setup", "ip");
    /** libvirt asks QEMU for its capabilities first, which takes a minute on a busy machine. */
    private static final long TIMEOUT_MINUTES = 10;

    private final Path directory;
    private final Process init;

    private PrivateLibvirt(Path directory, Process init) {
        this.directory = directory;
        this.init = init;
    }

    /** Starts it with its state in an empty directory, whose path must be short, as it leads to a socket. */
    static PrivateLibvirt start(Path directory) throws IOException {
        requirePrograms();
        Path script = directory.resolve("private-libvirt.sh");
        try (var resource = PrivateLibvirt.class.getResourceAsStream("private-libvirt.sh")) {
            Files.copy(resource, script);
        }
        Process init = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--net",
                        "--pid",
                        "--mount-proc",
                        "--fork",
                        "--kill-child",
                        "bash",
                        script.toString(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String answer = init.inputReader().readLine();
        if (!"ready".equals(answer)) {
            init.destroyForcibly();
            throw new AssertionError(
                    "libvirt did not start in namespaces of its own; run the test as root. It said: " + answer);
        }
        return new PrivateLibvirt(directory, init);
    }

    private static void requirePrograms() {
        for (String program : PROGRAMS) {
            boolean found = List.of("/usr/bin", "/usr/sbin").stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!found) {
                throw new AssertionError(program + " is missing: " + PACKAGES);
            }
        }
    }

    /** Where a path that libvirt sees is for the test. */
    Path path(String seenByLibvirt) {
        return directory.resolve(seenByLibvirt.substring(1));
    }

    /** The processes in its namespaces whose command line has that in it, as the test sees them. */
    List<Long> processes(String word) {
        return init.descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(word))
                        .isPresent())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** What virsh printed, all of it. */
    record Answer(int exitCode, String text) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }

    /** Runs virsh on it. */
    Answer virsh(String... arguments) {
        var command = new ArrayList<>(
                List.of("virsh", "-c", "qemu+unix:///system?socket=" + directory.resolve("run/libvirt/libvirt-sock")));
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile(directory, "virsh", ".out");
            Process virsh = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!virsh.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                virsh.destroyForcibly();
                throw new AssertionError(command + " did not end in " + TIMEOUT_MINUTES + " minutes");
            }
            return new Answer(virsh.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + command + " ran", e);
        }
    }

    /** Writes a domain where virsh can read it. */
    String file(String xml) {
        try {
            return Files.writeString(Files.createTempFile(directory, "domain", ".xml"), xml)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws Exception {
        init.getOutputStream().close();
        if (!init.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
            init.destroyForcibly();
        }
    }
}
