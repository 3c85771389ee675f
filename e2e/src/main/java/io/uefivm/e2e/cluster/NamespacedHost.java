package io.uefivm.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A host for a kubelet stand-in without libvirt: a mount namespace of this machine in which {@code /var/lib} is an overlay
 * and {@code /run} is empty, so that nothing the host does is left on the machine. Needs root.
 */
public final class NamespacedHost implements HostShell, AutoCloseable {

    private static final String SET_UP = """
            mkdir -p "$1/upper" "$1/work"
            mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$1/upper,workdir=$1/work" /var/lib
            mount -t tmpfs -o mode=755 tmpfs /run
            echo up
            exec sleep infinity
            """;

    private final Process holder;

    private NamespacedHost(Process holder) {
        this.holder = holder;
    }

    /**
     * Makes a host.
     *
     * @param directory an empty directory, on a file system that an overlay can write to; it may be removed after {@link
     *     #close()}
     */
    public static NamespacedHost in(Path directory) {
        try {
            // exec, so that the process whose namespace is entered is the one that is ended.
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-ec",
                            SET_UP,
                            "host",
                            directory.toAbsolutePath().toString())
                    .redirectErrorStream(true)
                    .start();
            String first = holder.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"up".equals(first)) {
                holder.destroyForcibly();
                throw new IOException("no mount namespace (root is needed): " + first);
            }
            return new NamespacedHost(holder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Process start(String... command) throws IOException {
        List<String> all =
                new ArrayList<>(List.of("nsenter", "--target", Long.toString(holder.pid()), "--mount", "--"));
        all.addAll(List.of(command));
        return new ProcessBuilder(all).start();
    }

    @Override
    public Path outside(String pathInHost) {
        return Path.of("/proc", Long.toString(holder.pid()), "root", pathInHost);
    }

    /** Ends the namespace, and with it all its mounts; processes started in it must have ended. */
    @Override
    public void close() {
        holder.destroyForcibly();
        try {
            holder.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
