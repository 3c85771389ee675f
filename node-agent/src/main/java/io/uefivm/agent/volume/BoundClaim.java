package io.uefivm.agent.volume;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Objects;
import java.util.Optional;

/**
 * A volume of a pod, down to the persistent volume behind its claim.
 *
 * @param podUid UID of the pod
 * @param volume name of the volume in the pod
 * @param claimName name of the claim
 * @param persistentVolume name of the persistent volume
 * @param hostPath of a hostPath persistent volume: kubelet uses it where it is
 * @param block whether it is a device rather than a file system
 */
record BoundClaim(
        String podUid,
        String volume,
        String claimName,
        String persistentVolume,
        Optional<String> hostPath,
        boolean block) {

    /**
     * Looks it up.
     *
     * @throws VolumeException {@code ClaimNotFound}; {@code ClaimUnsafe} when the pod's volume is something else than a
     *     claim: a hostPath or any other volume that whoever made the pod chose
     */
    static BoundClaim of(Pod pod, String volume, ClaimLookup lookup) throws VolumeException {
        PersistentVolumeClaimVolumeSource source = source(pod, volume)
                .orElseThrow(() -> new VolumeException(
                        Reason.ClaimUnsafe, "Volume " + volume + " of the VM pod is not a persistentVolumeClaim."));
        String namespace = pod.getMetadata().getNamespace();
        PersistentVolumeClaim claim = lookup.claim(namespace, source.getClaimName())
                .orElseThrow(() -> notFound(source.getClaimName(), "does not exist in namespace " + namespace));
        PersistentVolume bound = Optional.ofNullable(claim.getSpec().getVolumeName())
                .flatMap(lookup::volume)
                .filter(pv -> isOf(pv, claim))
                .orElseThrow(() -> notFound(source.getClaimName(), "is not bound to a persistent volume"));
        return new BoundClaim(
                pod.getMetadata().getUid(),
                volume,
                source.getClaimName(),
                bound.getMetadata().getName(),
                Optional.ofNullable(bound.getSpec().getHostPath()).map(h -> h.getPath()),
                "Block".equals(bound.getSpec().getVolumeMode()));
    }

    static Optional<PersistentVolumeClaimVolumeSource> source(Pod pod, String volume) {
        return pod.getSpec().getVolumes().stream()
                .filter(v -> volume.equals(v.getName()))
                .findFirst()
                .map(Volume::getPersistentVolumeClaim);
    }

    /** A claim can name any volume; only the volume says whose it is. */
    private static boolean isOf(PersistentVolume volume, PersistentVolumeClaim claim) {
        ObjectReference owner = volume.getSpec().getClaimRef();
        return owner != null
                && Objects.equals(owner.getUid(), claim.getMetadata().getUid());
    }

    private static VolumeException notFound(String claim, String why) {
        return new VolumeException(Reason.ClaimNotFound, "Claim " + claim + " " + why + ".");
    }
}
