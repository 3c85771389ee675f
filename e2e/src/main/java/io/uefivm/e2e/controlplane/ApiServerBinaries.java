package io.uefivm.e2e.controlplane;

import io.fabric8.kubeapitest.KubeAPIServerConfig;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubeapitest.binary.BinaryManager;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The programs of a real API server, where kube-api-test and setup-envtest put them: {@code
 * <dir>/k8s/<version>-<os>-<arch>/{kube-apiserver,etcd}}, {@code <dir>} being {@value #DIRECTORY} or {@code
 * ~/.kubeapitest}, the version {@value #VERSION} or the newest there.
 *
 * @param directory the directory of that version; its name is kept for the server's own layout
 */
record ApiServerBinaries(Path directory) {

    static final String DIRECTORY = KubeAPIServerConfigBuilder.KUBE_API_TEST_DIR;
    static final String VERSION = KubeAPIServerConfigBuilder.KUBE_API_TEST_API_SERVER_VERSION;

    private static final long DOWNLOAD_MINUTES = 3;

    /** Empty when there are none; nothing is downloaded. */
    static Optional<ApiServerBinaries> present() {
        try {
            return Optional.of(find(true));
        } catch (KubeAPITestException none) {
            return Optional.empty();
        }
    }

    /**
     * Downloads them when they are not there; that may take some minutes, and is given up after {@value
     * #DOWNLOAD_MINUTES}.
     */
    static ApiServerBinaries presentOrDownloaded() {
        return present().orElseGet(() -> {
            // A thread that hangs in a connection without a time limit must not keep the process alive.
            CompletableFuture<ApiServerBinaries> download = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    download.complete(find(false));
                } catch (RuntimeException e) {
                    download.completeExceptionally(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            try {
                return download.get(DOWNLOAD_MINUTES, TimeUnit.MINUTES);
            } catch (ExecutionException | TimeoutException e) {
                throw new ControlPlaneException(
                        ("no kube-apiserver and etcd in %s, and they cannot be downloaded (%s): set %s to a directory"
                                        + " with k8s/<version>-linux-amd64/{kube-apiserver,etcd}, or %s=embedded")
                                .formatted(root(), cause(e), DIRECTORY, ControlPlane.CHOICE),
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ControlPlaneException("interrupted while downloading the API server", e);
            }
        });
    }

    private static String cause(Exception e) {
        return e instanceof TimeoutException
                ? "not within " + DOWNLOAD_MINUTES + " minutes"
                : String.valueOf(e.getCause());
    }

    private static ApiServerBinaries find(boolean offline) {
        KubeAPIServerConfig config = KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(root().toString())
                .withApiServerVersion(version())
                .withOfflineMode(offline)
                .build();
        BinaryManager manager = new BinaryManager(config);
        manager.initAndDownloadIfRequired();
        File directory =
                Objects.requireNonNull(manager.binaries().getApiServer().getParentFile());
        return new ApiServerBinaries(directory.toPath().toAbsolutePath());
    }

    private static Path root() {
        String given = System.getenv(DIRECTORY);
        return given != null ? Path.of(given) : Path.of(System.getProperty("user.home"), ".kubeapitest");
    }

    private static @Nullable String version() {
        String given = System.getenv(VERSION);
        return given == null || given.isBlank() ? null : given;
    }

    Path apiServer() {
        return directory.resolve("kube-apiserver");
    }

    Path etcd() {
        return directory.resolve("etcd");
    }

    /** {@code 1.36.4} of {@code 1.36.4-linux-amd64}. */
    String versionNumber() {
        return directory.getFileName().toString().split("-", 2)[0];
    }

    boolean areExecutable() {
        return Files.isExecutable(apiServer()) && Files.isExecutable(etcd());
    }
}
