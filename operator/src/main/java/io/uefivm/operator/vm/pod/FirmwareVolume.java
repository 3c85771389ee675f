package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.MediumFile;
import io.uefivm.api.v1alpha1.RomFile;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The pod volume that brings the content of Secrets and ConfigMaps to the host: kubelet reads them, with the node's own
 * right on what its pods refer to, so that neither operator nor agent needs one.
 */
final class FirmwareVolume {
    /** The agent is root. The hold container has no business with it. */
    private static final int READABLE_BY_ROOT = 0400;

    private FirmwareVolume() {}

    /** The volume; empty when neither firmware, media nor ROMs refer to an object. */
    static Optional<Volume> of(UefiVirtualMachineSpec spec) {
        List<VolumeProjection> sources = Stream.of(
                        FirmwareFile.of(spec.firmware()), MediumFile.of(spec.disks()), RomFile.of(spec.devices()))
                .flatMap(List::stream)
                .map(FirmwareVolume::projection)
                .toList();
        return sources.isEmpty()
                ? Optional.empty()
                : Optional.of(new VolumeBuilder()
                        .withName(Api.VOLUME_FIRMWARE)
                        .withNewProjected()
                        .withDefaultMode(READABLE_BY_ROOT)
                        .withSources(sources)
                        .endProjected()
                        .build());
    }

    /** Optional: a pod that waits in ContainerCreating says nothing; the agent names the file that is absent. */
    private static VolumeProjection projection(FirmwareFile file) {
        KeyToPath item = new KeyToPath(file.entry().key(), null, file.path());
        VolumeProjectionBuilder projection = new VolumeProjectionBuilder();
        return switch (file.source()) {
            case Secret ->
                projection
                        .withNewSecret()
                        .withName(file.entry().name())
                        .withItems(item)
                        .withOptional(true)
                        .endSecret()
                        .build();
            case ConfigMap ->
                projection
                        .withNewConfigMap()
                        .withName(file.entry().name())
                        .withItems(item)
                        .withOptional(true)
                        .endConfigMap()
                        .build();
        };
    }
}
