package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.uefivm.agent.declared.Declaration;
import io.uefivm.agent.declared.DeclarationException;
import io.uefivm.agent.declared.DeclaredContent;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.ObjectKey;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a VM's spec declares of its firmware, with the content that kubelet has brought to the VM's pod. */
final class DeclaredFirmware {
    private static final Logger LOG = LoggerFactory.getLogger(DeclaredFirmware.class);

    private final PodVolumes volumes;

    DeclaredFirmware(PodVolumes volumes) {
        this.volumes = volumes;
    }

    /**
     * Reads it.
     *
     * @throws Failure {@code KeyMaterialMissing}, {@code KeyMaterialInvalid}
     */
    Declaration of(UefiVirtualMachine vm, Pod pod) throws Failure {
        Firmware firmware = vm.getSpec().firmware();
        List<FirmwareFile> needed = FirmwareFile.of(firmware);
        try {
            return Declaration.of(firmware, needed.isEmpty() ? new DeclaredContent(Map.of()) : content(needed, pod));
        } catch (DeclarationException e) {
            throw new Failure(e.reason(), e.getMessage(), e);
        }
    }

    /**
     * How a store compares with it.
     *
     * @param pod the pod that brings the content
     * @return empty when that cannot be said: what was declared cannot be read any more
     */
    Optional<Declaration.Verdict> compare(UefiVirtualMachine vm, Optional<Pod> pod, VarStore store) {
        try {
            return pod.isPresent() ? Optional.of(of(vm, pod.get()).compare(store)) : Optional.empty();
        } catch (Failure e) {
            LOG.info("the store is not compared uid={}: {}", vm.getMetadata().getUid(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The files by their place in the spec. The pod knows them by their place in the spec that it was made from, which may
     * be another one by now: what counts is the object and its entry.
     */
    private DeclaredContent content(List<FirmwareFile> needed, Pod pod) throws Failure {
        Map<FirmwareFile, String> paths = new HashMap<>();
        List<VolumeProjection> projections = projections(pod);
        for (FirmwareFile file : needed) {
            paths.put(file, path(file, projections));
        }
        try {
            Map<String, byte[]> found =
                    volumes.projected(pod.getMetadata().getUid(), Api.VOLUME_FIRMWARE, paths.values());
            Map<String, Bytes> files = new HashMap<>();
            paths.forEach((file, path) -> Optional.ofNullable(found.get(path))
                    .ifPresent(bytes -> files.put(file.path(), Bytes.copyOf(bytes))));
            return new DeclaredContent(files);
        } catch (PathException e) {
            throw new Failure(
                    Reason.KeyMaterialMissing,
                    "The volume " + Api.VOLUME_FIRMWARE + " of the VM pod, which brings what spec.firmware refers to,"
                            + " cannot be read on this node: " + e.getMessage(),
                    e);
        }
    }

    private static List<VolumeProjection> projections(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> Api.VOLUME_FIRMWARE.equals(volume.getName()))
                .map(Volume::getProjected)
                .filter(Objects::nonNull)
                .flatMap(projected -> projected.getSources().stream())
                .toList();
    }

    private static String path(FirmwareFile file, List<VolumeProjection> projections) throws Failure {
        return projections.stream()
                .flatMap(projection -> items(file, projection))
                .filter(item -> file.entry().key().equals(item.getKey()))
                .map(KeyToPath::getPath)
                .findFirst()
                .orElseThrow(() -> new Failure(
                        Reason.KeyMaterialMissing,
                        "The pod of this start was made before the spec referred to " + file.describe()
                                + "; the next start has it"));
    }

    private static Stream<KeyToPath> items(FirmwareFile file, VolumeProjection projection) {
        ObjectKey entry = file.entry();
        return switch (file.source()) {
            case Secret ->
                Stream.ofNullable(projection.getSecret())
                        .filter(secret -> entry.name().equals(secret.getName()))
                        .flatMap(secret -> secret.getItems().stream());
            case ConfigMap ->
                Stream.ofNullable(projection.getConfigMap())
                        .filter(map -> entry.name().equals(map.getName()))
                        .flatMap(map -> map.getItems().stream());
        };
    }
}
