package io.uefivm.agent.volume;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.Disk;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A pod whose volumes are claims, as an API server would have them. */
final class Claims implements ClaimLookup {
    static final String POD_UID = "c0ffee00-0000-4000-8000-000000000001";
    static final Disk ROOT =
            Serialization.unmarshal("---\n{name: root, persistentVolumeClaim: {claimName: root}}", Disk.class);

    private final Map<String, PersistentVolumeClaim> claims = new HashMap<>();
    private final Map<String, PersistentVolume> volumes = new HashMap<>();
    private PodBuilder pod = new PodBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("vm")
            .withUid(POD_UID)
            .endMetadata()
            .withNewSpec()
            .endSpec();

    /** A volume of the pod, bound to the persistent volume {@code pv-<volume>}. */
    Claims with(String volume, String mode) {
        return with(
                volume,
                new PersistentVolumeBuilder()
                        .withNewSpec()
                        .withVolumeMode(mode)
                        .withNewCsi()
                        .withDriver("csi.example.com")
                        .endCsi()
                        .endSpec()
                        .build());
    }

    Claims withHostPath(String volume, String path) {
        return with(
                volume,
                new PersistentVolumeBuilder()
                        .withNewSpec()
                        .withVolumeMode("Filesystem")
                        .withNewHostPath()
                        .withPath(path)
                        .endHostPath()
                        .endSpec()
                        .build());
    }

    private Claims with(String volume, PersistentVolume source) {
        String name = "pv-" + volume;
        claims.put(
                "claim-" + volume,
                new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("claim-" + volume)
                        .withUid("uid-" + volume)
                        .endMetadata()
                        .withNewSpec()
                        .withVolumeName(name)
                        .endSpec()
                        .build());
        volumes.put(
                name,
                new PersistentVolumeBuilder(source)
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .editSpec()
                        .withNewClaimRef()
                        .withUid("uid-" + volume)
                        .endClaimRef()
                        .endSpec()
                        .build());
        pod = pod.editSpec()
                .addNewVolume()
                .withName(volume)
                .withNewPersistentVolumeClaim("claim-" + volume, false)
                .endVolume()
                .endSpec();
        return this;
    }

    /** A volume that is no claim but a directory of the node, chosen by whoever made the pod. */
    Claims withPodLevelHostPath(String volume, String path) {
        pod = pod.editSpec()
                .addNewVolume()
                .withName(volume)
                .withNewHostPath(path, "Directory")
                .endVolume()
                .endSpec();
        return this;
    }

    /** Lets a claim point at a persistent volume that is bound to another one. */
    Claims stealing(String volume, String persistentVolume) {
        claims.computeIfPresent(
                "claim-" + volume,
                (name, claim) -> new PersistentVolumeClaimBuilder(claim)
                        .editSpec()
                        .withVolumeName(persistentVolume)
                        .endSpec()
                        .build());
        return this;
    }

    Claims without(String volume) {
        claims.remove("claim-" + volume);
        return this;
    }

    Pod pod() {
        return pod.build();
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return namespace.equals("default") ? Optional.ofNullable(claims.get(name)) : Optional.empty();
    }

    @Override
    public Optional<PersistentVolume> volume(String name) {
        return Optional.ofNullable(volumes.get(name));
    }
}
