package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.DiskSource;
import io.uefivm.agent.media.Medium;
import io.uefivm.agent.media.MediumException;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.MediumFile;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.List;
import java.util.Map;

/** Makes the media that a spec describes, from what kubelet brought of the Secrets that it refers to. */
record Media(PodVolumes volumes, StableBinds binds) {
    DiskSource make(UefiVirtualMachine vm, Pod pod, Identity identity, Disk disk) throws PathException, Failure {
        List<String> paths =
                MediumFile.of(List.of(disk)).stream().map(FirmwareFile::path).toList();
        Map<String, byte[]> secrets =
                paths.isEmpty() ? Map.of() : volumes.projected(pod.getMetadata().getUid(), Api.VOLUME_FIRMWARE, paths);
        var medium = new Medium(vm.getMetadata().getName(), identity.uuid(), secrets);
        try {
            return new DiskSource.FileDisk(
                    binds.medium(vm.getMetadata().getUid(), disk.name(), medium.image(disk))
                            .toString(),
                    false);
        } catch (MediumException e) {
            throw new Failure(Reason.DiskNotFound, String.valueOf(e.getMessage()), e);
        }
    }
}
