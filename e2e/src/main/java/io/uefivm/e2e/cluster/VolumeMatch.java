package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Which of the volumes that are there a claim is bound to: the smallest that will do. Pure. */
final class VolumeMatch {

    private static final String STORAGE = "storage";

    private VolumeMatch() {}

    /** The volume that already names the claim, else the smallest free one of its class, mode, access modes and size. */
    static Optional<PersistentVolume> find(PersistentVolumeClaim claim, Collection<PersistentVolume> volumes) {
        List<PersistentVolume> alive = volumes.stream()
                .filter(v -> v.getMetadata().getDeletionTimestamp() == null)
                .toList();
        return alive.stream()
                .filter(v -> names(v.getSpec().getClaimRef(), claim))
                .findFirst()
                .or(() -> alive.stream()
                        .filter(v -> v.getSpec().getClaimRef() == null)
                        .filter(v -> fits(claim, v))
                        .min(Comparator.comparing(VolumeMatch::capacity)
                                .thenComparing(v -> v.getMetadata().getName())));
    }

    private static boolean names(ObjectReference reference, PersistentVolumeClaim claim) {
        return reference != null
                && Objects.equals(reference.getName(), claim.getMetadata().getName())
                && Objects.equals(reference.getNamespace(), claim.getMetadata().getNamespace())
                && (reference.getUid() == null
                        || reference.getUid().equals(claim.getMetadata().getUid()));
    }

    private static boolean fits(PersistentVolumeClaim claim, PersistentVolume volume) {
        String wanted = Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
        return (wanted.isEmpty() || wanted.equals(volume.getMetadata().getName()))
                && Objects.requireNonNullElse(claim.getSpec().getStorageClassName(), "")
                        .equals(Objects.requireNonNullElse(volume.getSpec().getStorageClassName(), ""))
                && Objects.requireNonNullElse(claim.getSpec().getVolumeMode(), "Filesystem")
                        .equals(Objects.requireNonNullElse(volume.getSpec().getVolumeMode(), "Filesystem"))
                && volume.getSpec().getAccessModes().containsAll(claim.getSpec().getAccessModes())
                && selects(claim, volume)
                && capacity(volume).compareTo(request(claim)) >= 0;
    }

    private static boolean selects(PersistentVolumeClaim claim, PersistentVolume volume) {
        if (claim.getSpec().getSelector() == null) {
            return true;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(volume.getMetadata().getLabels(), Map.of());
        return labels.entrySet()
                .containsAll(claim.getSpec().getSelector().getMatchLabels().entrySet());
    }

    private static BigDecimal capacity(PersistentVolume volume) {
        return Resources.of(volume.getSpec().getCapacity()).get(STORAGE);
    }

    private static BigDecimal request(PersistentVolumeClaim claim) {
        return Resources.of(claim.getSpec().getResources().getRequests()).get(STORAGE);
    }
}
