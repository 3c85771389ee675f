package io.uefivm.agent.hypervisor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real libvirtd in namespaces of its own: the machine's is not touched, and nothing outlives this process. */
public final class PrivateLibvirt implements AutoCloseable {
    private static final String PACKAGES = "apt-get install -y --no-install-recommends libvirt-daemon-system"
            + " libvirt-clients qemu-system-x86 ovmf swtpm swtpm-tools util-linux iproute2";

    /** libvirt asks QEMU for its capabilities first, which takes a minute on a busy machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path directory;
    private final Process unshare;
    private final long init;

    private PrivateLibvirt(Path directory, Process unshare, long init) {
        this.directory = directory;
        this.unshare = unshare;
        this.init = init;
    }

    /** Starts one and waits until it answers. */
    public static PrivateLibvirt start() {
        try {
            // QEMU's user has to come through to ROM images; and the socket's path has to fit into 108 bytes.
            Path directory = Files.createTempDirectory(
                    "libvirt", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            Path script = directory.resolve("init.sh");
            try (InputStream in =
                    Objects.requireNonNull(PrivateLibvirt.class.getResourceAsStream("private-libvirt.sh"))) {
                Files.copy(in, script);
            }
            Process unshare = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--net",
                            "--pid",
                            "--fork",
                            "--kill-child",
                            "bash",
                            script.toString(),
                            directory.toString())
                    .redirectError(directory.resolve("init.log").toFile())
                    .start();
            var out = new BufferedReader(new InputStreamReader(unshare.getInputStream(), StandardCharsets.UTF_8));
            if (!"ready".equals(out.readLine())) {
                unshare.destroyForcibly();
                throw new IllegalStateException("no libvirt of its own for this test. It needs root and: " + PACKAGES
                        + "\n" + Files.readString(directory.resolve("init.log")));
            }
            long init = unshare.children().findFirst().orElseThrow().pid();
            var libvirt = new PrivateLibvirt(directory, unshare, init);
            libvirt.startLibvirtd();
            return libvirt;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it is reached. */
    public String uri() {
        return "qemu+unix:///system?socket=" + directory.resolve("run/libvirt/libvirt-sock");
    }

    /** A directory that QEMU can read and that is gone afterwards. */
    public Path scratch() {
        return directory;
    }

    /** A root below which libvirt's files are where they are on a host. */
    public Path hostRoot() {
        return directory;
    }

    /** Where a path that libvirt sees is for the test. */
    public Path path(String seenByLibvirt) {
        return directory.resolve(seenByLibvirt.substring(1));
    }

    /** Writes a domain where virsh can read it. */
    public String file(String xml) {
        try {
            return Files.writeString(Files.createTempFile(directory, "domain", ".xml"), xml)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts libvirtd again. */
    public void startLibvirtd() {
        run("libvirtd", "-d");
        Awaitility.await("libvirtd answers")
                .atMost(PATIENCE)
                .until(() -> virsh("version").succeeded());
    }

    /** kill -9. */
    public void killLibvirtd() {
        signal("KILL", "/run/libvirtd.pid");
    }

    /** Sends a signal to the QEMU of a domain. */
    public void signalQemu(String domainName, String signal) {
        signal(signal, "/run/libvirt/qemu/" + domainName + ".pid");
    }

    /** The QEMU of a domain, as this process sees it. */
    public long qemuPid(String domainName) {
        return processes("guest=" + domainName + ",").get(0);
    }

    /** The processes in its namespaces whose command line has that in it, as this process sees them. */
    public List<Long> processes(String word) {
        return unshare.descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(word))
                        .isPresent())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** Clock ticks that the QEMU of a domain has used. */
    public long qemuProcessorTime(String domainName) {
        return Long.parseLong(
                run("bash", "-c", "awk '{print $14 + $15}' /proc/$(cat /run/libvirt/qemu/" + domainName + ".pid)/stat")
                        .strip());
    }

    private void signal(String signal, String pidFile) {
        run("bash", "-c", "kill -s " + signal + " $(cat " + pidFile + ")");
    }

    /** What a command printed, all of it. */
    public record Answer(int exitCode, String text) {
        public boolean succeeded() {
            return exitCode == 0;
        }
    }

    /** Asks libvirt. */
    public Answer virsh(String... arguments) {
        return tryRun(Stream.concat(Stream.of("virsh"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Runs a command beside libvirtd and returns what it printed. */
    public String run(String... command) {
        Answer answer = tryRun(command);
        if (!answer.succeeded()) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + answer);
        }
        return answer.text();
    }

    /** A command that is to run beside libvirtd. */
    ProcessBuilder beside(String... command) {
        var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "-m", "-n", "-p", "--"));
        line.addAll(List.of(command));
        return new ProcessBuilder(line).redirectErrorStream(true);
    }

    private Answer tryRun(String... command) {
        try {
            // Not a pipe: a daemon would keep it open.
            Path output = Files.createTempFile(directory, "command", ".log");
            Process process = beside(command).redirectOutput(output.toFile()).start();
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + " did not end in " + PATIENCE);
            }
            return new Answer(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        unshare.destroyForcibly();
        try {
            unshare.waitFor();
            Awaitility.await("the namespace is gone")
                    .atMost(PATIENCE)
                    .until(() ->
                            !ProcessHandle.of(init).map(ProcessHandle::isAlive).orElse(false));
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
