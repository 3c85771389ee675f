package io.uefivm.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Starting and ending control planes. */
class ControlPlaneTest {

    @ParameterizedTest
    @MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
    void servesTheProjectsKinds(ControlPlane controlPlane) {
        List<CustomResourceDefinition> crds = controlPlane.applyCrds();

        assertThat(crds)
                .extracting(c -> c.getMetadata().getName())
                .contains("uefihosts.uefivm.io", "uefivirtualmachines.uefivm.io");
        assertThat(controlPlane
                        .client()
                        .genericKubernetesResources("uefivm.io/v1alpha1", "UefiVirtualMachine")
                        .inAnyNamespace()
                        .list()
                        .getItems())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
    void itsKubeconfigMakesAControlPlaneToo(ControlPlane controlPlane) {
        try (ControlPlane same = ControlPlane.kubeconfig(controlPlane.kubeconfig())) {
            assertThat(same.kind().label()).isEqualTo("kubeconfig");
            assertThat(same.client().namespaces().withName("default").get()).isNotNull();
        }
        assertThat(controlPlane.client().namespaces().withName("default").get()).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
    void nothingListensBeyondLoopback(ControlPlane controlPlane) throws IOException {
        List<String> sockets = new java.util.ArrayList<>();
        for (ProcessHandle process :
                Stream.concat(Stream.of(ProcessHandle.current()), descendants()).toList()) {
            sockets.addAll(socketsOf(process));
        }
        List<String> open = Stream.of("tcp", "tcp6")
                .flatMap(f -> lines(Path.of("/proc/net", f)))
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[3].equals("0A") && sockets.contains("socket:[" + columns[9] + "]"))
                .map(columns -> columns[1])
                // 127.0.0.1 in IPv4, mapped into IPv6, and ::1, as the kernel writes them.
                .filter(address -> !address.startsWith("0100007F:")
                        && !address.startsWith("0000000000000000FFFF00000100007F:")
                        && !address.startsWith("00000000000000000000000001000000:"))
                .toList();
        assertThat(sockets).isNotEmpty();
        assertThat(open).isEmpty();
    }

    private static List<String> socketsOf(ProcessHandle process) throws IOException {
        Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.map(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString();
                        } catch (IOException closedMeanwhile) {
                            return "";
                        }
                    })
                    .filter(target -> target.startsWith("socket:"))
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream().skip(1);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aClosedApiServerLeavesNothingBehind() {
        assumeThat(ApiServerBinaries.present())
                .as("an API server in %s", ApiServerBinaries.DIRECTORY)
                .isPresent();
        Path kubeconfig;
        try (ControlPlane controlPlane = ControlPlane.kubeApiServer()) {
            kubeconfig = controlPlane.kubeconfig();
            assertThat(etcds()).hasSize(1);
        }
        assertThat(kubeconfig).doesNotExist();
        assertThat(etcds()).isEmpty();
    }

    @Test
    void anApiServerThatDoesNotStartLeavesNoEtcdBehind(@TempDir Path directory) throws IOException {
        assumeThat(ApiServerBinaries.present())
                .as("an etcd in %s", ApiServerBinaries.DIRECTORY)
                .isPresent();
        ApiServerBinaries real = ApiServerBinaries.present().orElseThrow();
        Path bin = Files.createDirectories(
                directory.resolve(Objects.requireNonNull(real.directory().getFileName())));
        Files.createSymbolicLink(bin.resolve("etcd"), real.etcd());
        Files.writeString(bin.resolve("kube-apiserver"), "#!/bin/sh\nexec sleep 600\n");
        Files.setPosixFilePermissions(bin.resolve("kube-apiserver"), PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThatThrownBy(() -> KubeApiServerControlPlane.start(new ApiServerBinaries(bin), Duration.ofSeconds(3)))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining("does not start");
        assertThat(descendants()).isEmpty();
    }

    @Test
    void aKubeconfigThatIsNotThereIsNamed(@TempDir Path directory) {
        Path missing = directory.resolve("none");
        assertThatThrownBy(() -> ControlPlane.kubeconfig(missing))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining(missing.toString());
    }

    private static List<String> etcds() {
        return descendants()
                .flatMap(p -> p.info().command().stream())
                .filter(c -> c.endsWith("/etcd"))
                .toList();
    }

    private static Stream<ProcessHandle> descendants() {
        return ProcessHandle.current().descendants().filter(ProcessHandle::isAlive);
    }
}
