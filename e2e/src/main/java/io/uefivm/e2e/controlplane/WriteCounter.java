package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Counts the writes that reach a control plane, by whatever process: a proxy on loopback, whose kubeconfig the processes
 * are given in place of the control plane's own. What does not go through it is not counted.
 *
 * <p>Every request is counted when the server has answered it, with its HTTP status; an apply that the server found to
 * change nothing counts as well, because it was sent.
 */
public final class WriteCounter implements AutoCloseable {

    private final List<ApiWrite> writes = new ArrayList<>();
    private final ApiProxy proxy;
    private final KubeconfigFile kubeconfig;
    private final KubernetesClient client;

    private WriteCounter(ControlPlane controlPlane) {
        proxy = ApiProxy.observing(controlPlane.client().getConfiguration(), this::add);
        kubeconfig = KubeconfigFile.forAddress(proxy.address());
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.path().toFile()))
                .build();
    }

    /** A counter in front of the control plane, to be closed before it. */
    public static WriteCounter before(ControlPlane controlPlane) {
        return new WriteCounter(controlPlane);
    }

    /** For the processes whose writes are to be counted; they act with the rights of the control plane's own client. */
    public Path kubeconfig() {
        return kubeconfig.path();
    }

    /** A client whose writes are counted. */
    public KubernetesClient client() {
        return client;
    }

    private void add(ApiWrite write) {
        synchronized (writes) {
            writes.add(write);
        }
    }

    /** All writes so far, in the order of their answers. */
    public List<ApiWrite> writes() {
        synchronized (writes) {
            return List.copyOf(writes);
        }
    }

    /** Those that were accepted and match. */
    public long count(Predicate<ApiWrite> which) {
        return writes().stream().filter(ApiWrite::accepted).filter(which).count();
    }

    /** Accepted writes per verb, target and manager, such as {@code apply pods/status by uefivm-agent}. */
    public Map<String, Long> table() {
        return writes().stream()
                .filter(ApiWrite::accepted)
                .collect(Collectors.groupingBy(
                        w -> "%s %s by %s".formatted(w.verb(), w.target(), w.manager()),
                        TreeMap::new,
                        Collectors.counting()));
    }

    /** Forgets what was counted so far. */
    public void reset() {
        synchronized (writes) {
            writes.clear();
        }
    }

    @Override
    public void close() {
        client.close();
        proxy.close();
        kubeconfig.close();
    }
}
