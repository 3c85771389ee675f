package io.uefivm.e2e.controlplane;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A kube-apiserver and its etcd, started by kube-api-test 7.6 from a directory of our own that links to the binaries,
 * because what kube-api-test does by itself does not fit everywhere:
 *
 * <ul>
 *   <li>it has etcd listen on all addresses; the {@code etcd} there is a script that says loopback instead, and that
 *       nothing need reach the disk, since the data goes with the test;
 *   <li>it asks {@code kubectl} whether the default namespace is there; few machines have it, so the script {@code
 *       kubectl} agrees and the client asks afterwards;
 *   <li>it writes certificates beside the binaries, which may belong to somebody else;
 *   <li>it leaves etcd running when the API server does not start.
 * </ul>
 */
final class KubeApiServerControlPlane implements ControlPlane {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private final KubeAPIServer server;
    private final Path layout;
    private final KubeconfigFile kubeconfig;
    private final KubernetesClient client;
    private final Thread onExit = new Thread(this::stop);
    private boolean stopped;

    private KubeApiServerControlPlane(KubeAPIServer server, Path layout) {
        this.server = server;
        this.layout = layout;
        this.kubeconfig = KubeconfigFile.containing(server.getKubeConfigYaml());
        this.client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.path().toFile()))
                .build();
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    static KubeApiServerControlPlane start(ApiServerBinaries binaries) {
        return start(binaries, START_TIMEOUT);
    }

    static KubeApiServerControlPlane start(ApiServerBinaries binaries, Duration timeout) {
        if (!binaries.areExecutable()) {
            throw new ControlPlaneException(
                    "kube-apiserver and etcd in " + binaries.directory() + " must be executable files");
        }
        Path layout = layOut(binaries);
        KubeAPIServer server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(layout.toString())
                .withApiServerVersion(binaries.versionNumber())
                .withOfflineMode(true)
                .withStartupTimeout((int) timeout.toMillis())
                .withApiServerFlag("--bind-address", "127.0.0.1")
                .build());
        try {
            server.start();
        } catch (RuntimeException e) {
            server.stop();
            Directories.delete(layout);
            throw new ControlPlaneException("kube-apiserver of " + binaries.directory() + " does not start", e);
        }
        KubeApiServerControlPlane controlPlane = new KubeApiServerControlPlane(server, layout);
        controlPlane
                .client
                .namespaces()
                .withName("default")
                .waitUntilCondition(Objects::nonNull, timeout.toMillis(), TimeUnit.MILLISECONDS);
        return controlPlane;
    }

    private static Path layOut(ApiServerBinaries binaries) {
        try {
            Path layout = Files.createTempDirectory("uefivm-apiserver");
            Path bin = Files.createDirectories(
                    layout.resolve("k8s").resolve(binaries.directory().getFileName()));
            Files.createSymbolicLink(bin.resolve("kube-apiserver"), binaries.apiServer());
            script(bin.resolve("kubectl"), "exit 0");
            script(bin.resolve("etcd"), """
                    for argument; do
                      shift
                      set -- "$@" "$(printf %%s "$argument" | sed 's/0\\.0\\.0\\.0/127.0.0.1/g')"
                    done
                    exec '%s' "$@" --unsafe-no-fsync
                    """.formatted(binaries.etcd()));
            return layout;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public Kind kind() {
        return Kind.KUBE_APISERVER;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig.path();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(onExit);
        client.close();
        stop();
    }

    private synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        server.stop();
        kubeconfig.close();
        Directories.delete(layout);
    }
}
