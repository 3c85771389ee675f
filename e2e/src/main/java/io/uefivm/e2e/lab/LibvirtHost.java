package io.uefivm.e2e.lab;

import io.uefivm.e2e.cluster.HostShell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A KVM host on this machine: a mount, pid and uts namespace with a host name, state directories and a libvirtd of its
 * own. Several can run at once, and nothing of the machine's own libvirt is touched. Needs root.
 *
 * <p>The host lives as long as the pipe to its first process: when this process ends, however, the host ends with it,
 * and the kernel ends all that ran on it and takes its mounts away.
 */
public final class LibvirtHost implements HostShell, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String SOCKET = "run/libvirt/libvirt-sock";
    /** What a Unix socket's address holds without its terminating zero, unix(7). */
    private static final int LONGEST_ADDRESS = 107;

    private final String name;
    private final Path directory;
    private final Process unshare;
    private final long init;

    private LibvirtHost(String name, Path directory, Process unshare, long init) {
        this.name = name;
        this.directory = directory;
        this.unshare = unshare;
        this.init = init;
    }

    /**
     * Boots a host.
     *
     * @param name its host name
     * @param directory for its state; a host that is started again in the same directory finds its disk, but not
     *     what was in /run. Not below a directory that hosts have of their own, and with a short path
     * @throws IllegalStateException when something is missing on the machine or the host does not come up
     */
    public static LibvirtHost start(String name, Path directory) {
        Requirements.HOST.check();
        check(directory);
        try {
            Files.createDirectories(directory);
            Path script = Resources.copy("host-init.sh", directory);
            // libvirt's knowledge of QEMU is the same for all hosts of this machine and takes a while to gain.
            Path cache = Files.createDirectories(Cache.directory().resolve("libvirt"));
            Process unshare = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--pid",
                            "--uts",
                            "--fork",
                            "--kill-child",
                            "bash",
                            script.toString(),
                            name,
                            directory.toString(),
                            cache.toString())
                    .redirectError(directory.resolve("init.log").toFile())
                    .start();
            String first = unshare.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"ready".equals(first)) {
                unshare.destroyForcibly();
                throw new IllegalStateException("host " + name + " did not come up (root is needed): "
                        + Files.readString(directory.resolve("init.log")));
            }
            long init = unshare.children().findFirst().orElseThrow().pid();
            var host = new LibvirtHost(name, directory, unshare, init);
            try {
                host.startLibvirtd();
            } catch (RuntimeException e) {
                host.close();
                throw e;
            }
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException("host " + name, e);
        }
    }

    private static void check(Path directory) {
        if (!directory.isAbsolute()) {
            throw new IllegalArgumentException(directory + " is not absolute");
        }
        for (String own : List.of("/run", "/var/lib/libvirt", "/var/lib/uefivm", "/var/lib/kubelet")) {
            if (directory.startsWith(own)) {
                throw new IllegalArgumentException(directory + " is hidden on the host by the host's own " + own);
            }
        }
        Path socket = directory.resolve(SOCKET);
        if (socket.toString().length() > LONGEST_ADDRESS) {
            throw new IllegalArgumentException(
                    "%s is too long for a socket's address (%d bytes)".formatted(socket, LONGEST_ADDRESS));
        }
    }

    public String name() {
        return name;
    }

    /** Starts virtlogd, if it does not run, and libvirtd; returns when libvirt answers. */
    public void startLibvirtd() {
        try {
            if (!Files.exists(outside("/run/virtlogd.pid"))) {
                run("virtlogd", "-d");
            }
            run("libvirtd", "-d");
            Awaitility.await("libvirt of " + name)
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> !virsh("version").isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException("libvirtd of " + name, e);
        }
    }

    /** SIGKILL; guests keep running. Returns when it is dead. */
    public void killLibvirtd() {
        try {
            String pid = Files.readString(outside("/run/libvirtd.pid")).strip();
            run("kill", "-9", pid);
            Awaitility.await("the end of libvirtd of " + name)
                    .atMost(PATIENCE)
                    .until(() -> !Files.exists(outside("/proc/" + pid)));
            Files.deleteIfExists(outside("/run/libvirtd.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException("libvirtd of " + name, e);
        }
    }

    /** Runs virsh on the host. */
    public String virsh(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("virsh", "--quiet", "--connect", "qemu:///system"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** Names of the domains that run. */
    public List<String> domains() {
        try {
            return virsh("list", "--name")
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What reaches this host's libvirt from elsewhere on the machine. */
    public String libvirtUri() {
        return "qemu+unix:///system?socket=" + directory.resolve(SOCKET);
    }

    /**
     * A command that runs on the host. The process that it starts stands for the command, which is its child: it ends when
     * the command ends and with the same status, {@code destroyForcibly} kills both, and {@code destroy} does nothing, so
     * that SIGTERM to all descendants and then to the process ends the command in order.
     */
    public ProcessBuilder command(List<String> command) {
        var all = new ArrayList<>(List.of("sh", "-c", "trap '' TERM; exec \"$@\"", "host"));
        all.addAll(List.of("nsenter", "--target", Long.toString(init), "--mount", "--pid", "--uts", "--"));
        all.addAll(List.of("setpriv", "--pdeathsig", "KILL", "env", "--default-signal=TERM"));
        all.addAll(command);
        return new ProcessBuilder(all);
    }

    @Override
    public Process start(String... command) throws IOException {
        return command(List.of(command)).start();
    }

    @Override
    public Path outside(String pathInHost) {
        return Path.of("/proc", Long.toString(init), "root", pathInHost);
    }

    /** Pulls the plug: everything on the host is gone at once, its directory stays. */
    @Override
    public void close() {
        try {
            unshare.getOutputStream().close();
            if (!unshare.waitFor(20, TimeUnit.SECONDS)) {
                unshare.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            unshare.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            unshare.destroyForcibly();
        }
    }
}
