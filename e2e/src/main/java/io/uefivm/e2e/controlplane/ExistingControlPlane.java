package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The cluster that a kubeconfig names. */
record ExistingControlPlane(KubernetesClient client, Path kubeconfig) implements ControlPlane {

    static ExistingControlPlane of(Path file) {
        if (!Files.isReadable(file)) {
            throw new ControlPlaneException("cannot read the kubeconfig " + file);
        }
        Config config = Config.fromKubeconfig(file.toFile());
        return new ExistingControlPlane(
                new KubernetesClientBuilder().withConfig(config).build(), file.toAbsolutePath());
    }

    @Override
    public Kind kind() {
        return Kind.KUBECONFIG;
    }

    @Override
    public void close() {
        client.close();
    }
}
