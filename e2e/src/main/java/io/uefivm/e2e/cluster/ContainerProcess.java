package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container's command as process 1 of its own pid namespace (so that, as in a container, signals that it does not handle
 * do nothing to it), in a root of its own: the host's programs, an empty {@code /run}, {@code /tmp} and {@code /var}, and
 * the container's volume mounts. It runs as the user of the security context. The image is not looked at; the command must
 * be in the pod.
 */
final class ContainerProcess implements PodRuntime.Running {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerProcess.class);

    /**
     * Run as process 1. {@code $1} the container's directory, {@code $2} user:group, {@code $3} its further groups,
     * {@code $4} source, target and options of each mount, one per line; then the command. The pid is read where it is the host's: in the host's {@code /proc}.
     */
    private static final String SCRIPT = """
            read -r pid rest </proc/self/stat
            at=$1 user=$2 groups=$3 mounts=$4 root=$1/root
            shift 4
            mkdir -p "$root"
            mount -t tmpfs -o mode=755 tmpfs "$root"
            for entry in /*; do
              case $entry in
              /proc | /run | /tmp | /var | /root | /home) mkdir -m 755 "$root$entry" ;;
              *)
                if [ -L "$entry" ]; then cp -P "$entry" "$root$entry"
                elif [ -d "$entry" ]; then mkdir "$root$entry"; mount --rbind "$entry" "$root$entry"
                fi ;;
              esac
            done
            chmod 1777 "$root/tmp"
            printf %s "$mounts" | while IFS='\t' read -r source target options; do
              mkdir -p "$root$target"
              mount --bind "$source" "$root$target"
              mount -o "remount,bind,$options" "$root$target"
            done
            mount -t proc proc "$root/proc"
            echo "$pid" >"$at/pid.new"
            mv "$at/pid.new" "$at/pid"
            exec chroot --userspec="$user" --groups="$groups" "$root" "$@" >"$at/log" 2>&1 </dev/null
            """;

    private final HostShell host;
    private final Process process;
    private final String pid;
    private final CompletableFuture<Integer> exit;

    private ContainerProcess(HostShell host, Process process, String pid) {
        this.host = host;
        this.process = process;
        this.pid = pid;
        this.exit = process.onExit().thenApply(Process::exitValue);
    }

    /**
     * Starts the container and returns once its command is about to run.
     *
     * @param within words before the command that starts it
     * @param directory the container's own directory on the host
     * @param volumes the directory on the host of each of the pod's volumes
     * @throws IOException when it does not come that far
     */
    static ContainerProcess start(
            HostShell host,
            List<String> within,
            String directory,
            Pod pod,
            Container container,
            Map<String, String> volumes)
            throws IOException {
        if (container.getCommand().isEmpty()) {
            throw new IOException("container %s has no command".formatted(container.getName()));
        }
        List<String> command = new ArrayList<>(within);
        command.addAll(List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-ec",
                SCRIPT,
                "container",
                directory,
                user(pod, container),
                groups(pod),
                mounts(container, volumes)));
        command.addAll(List.of("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        command.add("HOSTNAME=" + pod.getMetadata().getName());
        for (EnvVar variable : container.getEnv()) {
            command.add(variable.getName() + "=" + Objects.requireNonNullElse(variable.getValue(), ""));
        }
        command.addAll(container.getCommand());
        command.addAll(container.getArgs());
        host.run("sh", "-ec", "mkdir -p \"$1\"; rm -f \"$1/pid\"", "container", directory);
        Process process = host.start(command.toArray(String[]::new));
        return new ContainerProcess(host, process, awaitPid(host, process, directory));
    }

    private static String awaitPid(HostShell host, Process process, String directory) throws IOException {
        // Waits on the host itself, so that no poll crosses into it; ends with the process or the file.
        while (process.isAlive()) {
            String pid = host.run(
                            "sh",
                            "-c",
                            "for i in 1 2 3 4 5 6 7 8 9 10; do [ -e \"$1/pid\" ] && exec cat \"$1/pid\"; sleep 0.05; done",
                            "pid",
                            directory)
                    .strip();
            if (!pid.isEmpty()) {
                return pid;
            }
        }
        String pid = host.run("sh", "-c", "cat \"$1/pid\" 2>/dev/null || true", "pid", directory)
                .strip();
        if (pid.isEmpty()) {
            String why = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            throw new IOException("the container does not start: " + why.strip());
        }
        return pid;
    }

    private static String user(Pod pod, Container container) {
        SecurityContext own = container.getSecurityContext();
        PodSecurityContext common = pod.getSpec().getSecurityContext();
        Long user = first(own == null ? null : own.getRunAsUser(), common == null ? null : common.getRunAsUser());
        Long group = first(own == null ? null : own.getRunAsGroup(), common == null ? null : common.getRunAsGroup());
        return user + ":" + group;
    }

    private static String groups(Pod pod) {
        PodSecurityContext common = pod.getSpec().getSecurityContext();
        return common == null || common.getFsGroup() == null
                ? ""
                : common.getFsGroup().toString();
    }

    private static Long first(@org.jspecify.annotations.Nullable Long... values) {
        return Stream.of(values).filter(Objects::nonNull).findFirst().orElse(0L);
    }

    private static String mounts(Container container, Map<String, String> volumes) {
        StringBuilder lines = new StringBuilder();
        for (VolumeMount mount : container.getVolumeMounts()) {
            String source = Objects.requireNonNull(volumes.get(mount.getName()), mount.getName());
            String below = mount.getSubPath() == null ? "" : "/" + mount.getSubPath();
            lines.append(source)
                    .append(below)
                    .append('\t')
                    .append(mount.getMountPath())
                    .append('\t')
                    .append(Boolean.TRUE.equals(mount.getReadOnly()) ? "ro" : "rw")
                    .append('\n');
        }
        return lines.toString();
    }

    @Override
    public CompletableFuture<Integer> exit() {
        return exit;
    }

    @Override
    public void terminate() {
        signal("TERM");
    }

    @Override
    public void kill() {
        signal("KILL");
        // Should the signal have come too late for the pid, the end of unshare is the end of its child too.
        process.destroyForcibly();
    }

    private void signal(String name) {
        if (exit.isDone()) {
            return;
        }
        try {
            host.run("kill", "-s", name, pid);
        } catch (IOException e) {
            LOG.debug("signal {} for {}: {}", name, pid, e.getMessage());
        }
    }
}
