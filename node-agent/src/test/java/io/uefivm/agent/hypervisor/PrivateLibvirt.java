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
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real libvirtd in namespaces of its own: the machine's is not touched, and nothing outlives this process. */
public final class PrivateLibvirt implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

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
                throw new IllegalStateException(
                        "no libvirt of its own for this test. It needs root and: apt-get install -y"
                                + " --no-install-recommends libvirt-daemon-system libvirt-clients qemu-system-x86"
                                + " util-linux\n"
                                + Files.readString(directory.resolve("init.log")));
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

    /** A root below which libvirt's logs are where they are on a host. */
    public Path hostRoot() {
        Path root = directory.resolve("root");
        Path parent = root.resolve("var/log");
        try {
            Files.createDirectories(parent);
            Path link = parent.resolve("libvirt");
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, directory.resolve("log"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return root;
    }

    /** Starts libvirtd again. */
    public void startLibvirtd() {
        run("libvirtd", "-d");
        Awaitility.await("libvirtd answers").atMost(PATIENCE).until(() -> tryRun("virsh", "version") == 0);
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
        return unshare.descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("guest=" + domainName + ","))
                        .isPresent())
                .findFirst()
                .orElseThrow()
                .pid();
    }

    /** Clock ticks that the QEMU of a domain has used. */
    public long qemuProcessorTime(String domainName) {
        run("bash", "-c", "awk '{print $14 + $15}' /proc/$(cat /run/libvirt/qemu/" + domainName + ".pid)/stat");
        try {
            return Long.parseLong(Files.readString(commandLog()).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path commandLog() {
        return directory.resolve("commands.log");
    }

    private void signal(String signal, String pidFile) {
        run("bash", "-c", "kill -s " + signal + " $(cat " + pidFile + ")");
    }

    /** Runs a command beside libvirtd. */
    public void run(String... command) {
        int code = tryRun(command);
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
        }
    }

    private int tryRun(String... command) {
        try {
            var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "-m", "-p", "--"));
            line.addAll(List.of(command));
            return new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(commandLog().toFile())
                    .start()
                    .waitFor();
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
