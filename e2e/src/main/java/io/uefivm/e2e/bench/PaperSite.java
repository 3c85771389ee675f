package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.e2e.cluster.StandInCluster;
import io.uefivm.e2e.cluster.StandInKubelet;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.product.Program;
import io.uefivm.e2e.product.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * A real API server with the operator in a process of its own, and nodes, kubelets and hypervisors on paper. Closed, it
 * leaves the API server to its owner.
 */
final class PaperSite implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KubernetesClient client;
    private final Path kubeconfig;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Program operator;
    private final StandInCluster standIns;

    private PaperSite(ControlPlane controlPlane, Settings settings, Path work) {
        this.client = controlPlane.client();
        this.kubeconfig = controlPlane.kubeconfig();
        this.operator = new Programs(settings.root(), work).operator(kubeconfig);
        parts.add(operator);
        standIns = StandInCluster.start(client, work.resolve("storage"));
        parts.add(standIns);
    }

    /** Without nodes; the definitions have to be there. */
    static PaperSite start(ControlPlane controlPlane, Settings settings, String name) {
        Path work = settings.work().resolve(name);
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        controlPlane
                .client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(Programs.NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        return new PaperSite(controlPlane, settings, work);
    }

    Program operator() {
        return operator;
    }

    /** A kubelet on paper; large enough for any number of VMs. */
    void addKubelet(String node) {
        var room = new StandInKubelet.Settings(
                node,
                Map.of("cpu", new Quantity("10000"), "memory", new Quantity("100Ti"), "pods", new Quantity("10000")),
                Map.of(),
                Duration.ofSeconds(10));
        standIns.addPaperNode(room);
    }

    /** A node with its agent in this process. */
    void addNode(String node) throws IOException {
        addKubelet(node);
        parts.add(PaperAgent.start(kubeconfig, node, Programs.NAMESPACE, 0));
    }

    /** Something that ends with the site. */
    void add(AutoCloseable part) {
        parts.add(part);
    }

    /** Until the operator is ready and that many nodes may have VMs. */
    void awaitReady(int nodes) {
        operator.awaitReady();
        Awaitility.await("nodes that are ready for VMs")
                .atMost(PATIENCE)
                .until(() -> client.nodes()
                                .withLabel(Api.LABEL_NODE_READY, "true")
                                .list()
                                .getItems()
                                .size()
                        == nodes);
    }

    @Override
    public void close() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            try {
                parts.get(i).close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
