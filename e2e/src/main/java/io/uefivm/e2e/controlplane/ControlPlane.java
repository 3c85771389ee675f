package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;

/**
 * A Kubernetes API to work against.
 *
 * <p>There is nothing beside the API on the first two kinds: no scheduler, no kubelet, no volume binder; the stand-ins of
 * {@code io.uefivm.e2e.cluster} do their work. None of the ports opened is reachable from another machine.
 */
public sealed interface ControlPlane extends AutoCloseable
        permits EmbeddedControlPlane, KubeApiServerControlPlane, ExistingControlPlane {

    /** Environment variable that says which kind {@link #start()} starts: {@code embedded} or {@code kube-apiserver}. */
    String CHOICE = "UEFIVM_CONTROL_PLANE";

    /** What answers the requests. */
    enum Kind {
        /** The Fabric8 mock server with the additions of {@code EmbeddedApi}, in this process. */
        EMBEDDED("embedded"),
        /** A kube-apiserver and an etcd of its own, started by kube-api-test. */
        KUBE_APISERVER("kube-apiserver"),
        /** A cluster that was there before and stays. */
        KUBECONFIG("kubeconfig");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** As users write and read it: {@code embedded}, {@code kube-apiserver} or {@code kubeconfig}. */
        public String label() {
            return label;
        }
    }

    /** Which kind this is. */
    Kind kind();

    /** A client with all rights; closed with the control plane. */
    KubernetesClient client();

    /** A file for {@code kubectl --kubeconfig} and for other processes; it goes with the control plane. */
    Path kubeconfig();

    /**
     * Applies the project's CRDs and waits until they are served.
     *
     * @return the definitions as stored
     * @throws ControlPlaneException when a file is missing or a definition is refused or not established in a minute
     */
    default List<CustomResourceDefinition> applyCrds() {
        return new ProjectCrds().applyTo(client());
    }

    /** Ends what was started and removes its files; an existing cluster is left as it is. */
    @Override
    void close();

    /**
     * A real API server when its binaries are at hand (see {@link ApiServerBinaries}), else the embedded one; the
     * environment variable {@value #CHOICE} overrides that, and only when it asks for {@code kube-apiserver} may
     * missing binaries be downloaded.
     *
     * @throws ControlPlaneException when the chosen kind cannot be started
     */
    static ControlPlane start() {
        String choice = System.getenv().getOrDefault(CHOICE, "");
        return switch (choice) {
            case "embedded" -> embedded();
            case "kube-apiserver" -> kubeApiServer();
            case "" ->
                ApiServerBinaries.present()
                        .<ControlPlane>map(KubeApiServerControlPlane::start)
                        .orElseGet(ControlPlane::embedded);
            default ->
                throw new ControlPlaneException(
                        "%s=%s: only 'embedded' and 'kube-apiserver' are known".formatted(CHOICE, choice));
        };
    }

    /** The small one in this process. */
    static ControlPlane embedded() {
        return EmbeddedControlPlane.start();
    }

    /**
     * A real API server, downloading it when it is not there.
     *
     * @throws ControlPlaneException when there are no binaries and none can be had in a few minutes
     */
    static ControlPlane kubeApiServer() {
        return KubeApiServerControlPlane.start(ApiServerBinaries.presentOrDownloaded());
    }

    /** The cluster of the file's current context. */
    static ControlPlane kubeconfig(Path file) {
        return ExistingControlPlane.of(file);
    }
}
