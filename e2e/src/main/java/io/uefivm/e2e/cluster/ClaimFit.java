package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a pod's claims have to say about where it can run. Pure.
 *
 * @param claims the pod's claims that exist
 * @param missing names of claims that do not
 * @param volumes the volumes that the bound ones are bound to
 * @param waiting claims that are bound only once a node has been chosen
 * @param unbound claims that are about to be bound without that
 */
record ClaimFit(
        List<PersistentVolumeClaim> claims,
        List<String> missing,
        List<PersistentVolume> volumes,
        List<PersistentVolumeClaim> waiting,
        List<PersistentVolumeClaim> unbound) {

    /** The annotation that tells the provisioner which node the scheduler has chosen. */
    static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    static ClaimFit of(
            Pod pod,
            Map<String, PersistentVolumeClaim> claimsByName,
            Map<String, PersistentVolume> volumesByName,
            Map<String, StorageClass> classes) {
        List<String> names = names(pod);
        List<PersistentVolumeClaim> claims =
                names.stream().map(claimsByName::get).filter(Objects::nonNull).toList();
        List<PersistentVolumeClaim> open =
                claims.stream().filter(c -> !isBound(c)).toList();
        return new ClaimFit(
                claims,
                names.stream().filter(n -> !claimsByName.containsKey(n)).toList(),
                claims.stream()
                        .filter(ClaimFit::isBound)
                        .map(c -> volumesByName.get(c.getSpec().getVolumeName()))
                        .filter(Objects::nonNull)
                        .toList(),
                open.stream().filter(c -> waitsForConsumer(c, classes)).toList(),
                open.stream().filter(c -> !waitsForConsumer(c, classes)).toList());
    }

    static List<String> names(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .map(Volume::getPersistentVolumeClaim)
                .filter(Objects::nonNull)
                .map(source -> source.getClaimName())
                .distinct()
                .toList();
    }

    static boolean isBound(PersistentVolumeClaim claim) {
        return claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase());
    }

    private static boolean waitsForConsumer(PersistentVolumeClaim claim, Map<String, StorageClass> classes) {
        StorageClass type =
                classes.get(Objects.requireNonNullElse(claim.getSpec().getStorageClassName(), ""));
        return type != null && "WaitForFirstConsumer".equals(type.getVolumeBindingMode());
    }

    /** What forbids every node; empty when it depends on the node. */
    Optional<String> problem() {
        if (!missing.isEmpty()) {
            return Optional.of("persistentvolumeclaim \"%s\" not found".formatted(missing.get(0)));
        }
        return claims.stream()
                .filter(c -> c.getMetadata().getDeletionTimestamp() != null)
                .map(c -> "persistentvolumeclaim \"%s\" is being deleted"
                        .formatted(c.getMetadata().getName()))
                .findFirst()
                .or(() -> unbound.isEmpty()
                        ? Optional.empty()
                        : Optional.of("pod has unbound immediate PersistentVolumeClaims"));
    }

    /** Whether all bound volumes can be used on the node, and no waiting claim has been promised to another one. */
    boolean allows(Node node) {
        return volumes.stream()
                        .allMatch(v -> v.getSpec().getNodeAffinity() == null
                                || NodeSelection.matches(
                                        v.getSpec().getNodeAffinity().getRequired(), node))
                && waiting.stream().allMatch(c -> {
                    String selected = Objects.requireNonNullElse(
                                    c.getMetadata().getAnnotations(), Map.<String, String>of())
                            .get(SELECTED_NODE);
                    return selected == null
                            || selected.equals(node.getMetadata().getName());
                });
    }
}
