package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Everything that makes an API server a cluster: scheduler, volume binder, node controllers, and a kubelet per host. */
public final class StandInCluster implements AutoCloseable {

    private static final Duration NODE_GRACE = Duration.ofSeconds(40);

    private final KubernetesClient client;
    private final BoundVolumes volumes;
    private final List<AutoCloseable> parts = new ArrayList<>();

    private StandInCluster(KubernetesClient client) {
        this.client = client;
        this.volumes = BoundVolumes.watch(client);
        parts.add(volumes);
    }

    /** For kubelets that are not added here. */
    public BoundVolumes volumes() {
        return volumes;
    }

    /**
     * A cluster without nodes.
     *
     * @param storage where claims get their directories; it must be at this path on every host
     */
    public static StandInCluster start(KubernetesClient client, Path storage) {
        return start(client, storage, NODE_GRACE);
    }

    /**
     * A cluster that is more or less patient with its nodes.
     *
     * @param nodeGrace how long a node may be silent until it counts as lost
     */
    public static StandInCluster start(KubernetesClient client, Path storage, Duration nodeGrace) {
        StandInCluster cluster = new StandInCluster(client);
        cluster.parts.add(StandInVolumeBinder.start(client, storage));
        cluster.parts.add(StandInScheduler.start(client));
        cluster.parts.add(StandInNodeLifecycle.start(client, nodeGrace));
        return cluster;
    }

    /** Adds a node; its kubelet is closed with the cluster. */
    public StandInKubelet addNode(StandInKubelet.Settings settings, HostShell host) {
        StandInKubelet kubelet = StandInKubelet.start(client, settings, host, volumes);
        parts.add(kubelet);
        return kubelet;
    }

    /** Adds a node without host, for thousands of pods that are not processes; see {@link StandInKubelet#startOnPaper}. */
    public StandInKubelet addPaperNode(StandInKubelet.Settings settings) {
        StandInKubelet kubelet = StandInKubelet.startOnPaper(client, settings, volumes);
        parts.add(kubelet);
        return kubelet;
    }

    /** Ends the kubelets first, and with them all containers. */
    @Override
    public void close() {
        Collections.reverse(parts);
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        parts.clear();
    }
}
