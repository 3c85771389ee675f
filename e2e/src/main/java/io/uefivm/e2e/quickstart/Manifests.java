package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of manifests with one VM and one claim, applied as a user would: by kubectl. */
final class Manifests {
    private final ControlPlane controlPlane;
    private final String namespace;
    private final Path file;

    Manifests(ControlPlane controlPlane, String namespace, Path file) {
        this.controlPlane = controlPlane;
        this.namespace = namespace;
        this.file = file;
    }

    String vmName() throws IOException {
        return only("UefiVirtualMachine").getMetadata().getName();
    }

    String claimName() throws IOException {
        return only("PersistentVolumeClaim").getMetadata().getName();
    }

    private HasMetadata only(String kind) throws IOException {
        KubernetesClient client = controlPlane.client();
        try (var manifests = Files.newInputStream(file)) {
            return client.load(manifests).items().stream()
                    .filter(manifest -> manifest.getKind().equals(kind))
                    .findFirst()
                    .orElseThrow(() -> new IOException(file + " has no " + kind));
        }
    }

    /** Applies the claim alone, so that it can be filled before the VM starts. */
    String applyClaim() throws IOException, InterruptedException {
        return apply(Serialization.asYaml(only("PersistentVolumeClaim")));
    }

    /** Applies all; returns what kubectl said. */
    String applyAll() throws IOException, InterruptedException {
        return apply(Files.readString(file));
    }

    private String apply(String yaml) throws IOException, InterruptedException {
        Process kubectl = new ProcessBuilder(List.of(
                        "kubectl",
                        "--kubeconfig",
                        controlPlane.kubeconfig().toString(),
                        "--namespace",
                        namespace,
                        "apply",
                        "-f",
                        "-"))
                .redirectErrorStream(true)
                .start();
        try (var input = kubectl.getOutputStream()) {
            input.write(yaml.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (kubectl.waitFor() != 0) {
            throw new IOException("kubectl apply of " + file + ": " + said);
        }
        return said;
    }
}
