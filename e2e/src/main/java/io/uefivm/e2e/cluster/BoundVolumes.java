package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The volume behind each claim of the cluster, watched once for all kubelets in a process. A kubelet asks for the claims of its
 * own pods; if each of the stand-ins watched all of them instead, an API server would send little else.
 */
public final class BoundVolumes implements AutoCloseable {
    private final SharedIndexInformer<PersistentVolumeClaim> claims;
    private final SharedIndexInformer<PersistentVolume> volumes;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    private BoundVolumes(KubernetesClient client) {
        claims = client.persistentVolumeClaims().inAnyNamespace().runnableInformer(0);
        volumes = client.persistentVolumes().runnableInformer(0);
        claims.addEventHandler(new OnAny<>(claim ->
                tell(claim.getMetadata().getNamespace(), claim.getMetadata().getName())));
        volumes.addEventHandler(new OnAny<>(volume -> {
            ObjectReference claim = volume.getSpec().getClaimRef();
            if (claim != null) {
                tell(claim.getNamespace(), claim.getName());
            }
        }));
        claims.run();
        volumes.run();
    }

    /** Watches from now on. */
    public static BoundVolumes watch(KubernetesClient client) {
        return new BoundVolumes(client);
    }

    private void tell(String namespace, String claim) {
        listeners.forEach(listener -> listener.accept(namespace + "/" + claim));
    }

    /** Hears of every change of a claim or of its volume: {@code namespace/name} of the claim. */
    void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    void forget(Consumer<String> listener) {
        listeners.remove(listener);
    }

    /** Claims of a pod, {@code namespace/name}. */
    static List<String> claimsOf(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getPersistentVolumeClaim() != null)
                .map(volume -> key(pod, volume))
                .toList();
    }

    private static String key(Pod pod, Volume volume) {
        return pod.getMetadata().getNamespace() + "/"
                + volume.getPersistentVolumeClaim().getClaimName();
    }

    /** By volume of the pod, the persistent volume behind each claim; empty while one is missing or not bound. */
    Optional<Map<String, PersistentVolume>> behind(Pod pod) {
        Map<String, PersistentVolume> behind = new HashMap<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getPersistentVolumeClaim() == null) {
                continue;
            }
            PersistentVolumeClaim claim = claims.getIndexer().getByKey(key(pod, volume));
            if (claim == null || !ClaimFit.isBound(claim)) {
                return Optional.empty();
            }
            PersistentVolume bound =
                    volumes.getIndexer().getByKey(claim.getSpec().getVolumeName());
            if (bound == null) {
                return Optional.empty();
            }
            behind.put(volume.getName(), bound);
        }
        return Optional.of(behind);
    }

    @Override
    public void close() {
        claims.stop();
        volumes.stop();
    }
}
