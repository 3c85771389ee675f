package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.DiskSource;
import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.Opened;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Objects;

/** Binds the disks of a VM to the paths that its domain names, and makes the media that the spec describes. */
record DiskSources(PodVolumes volumes, StableBinds binds) {
    DiskSource of(UefiVirtualMachine vm, Pod pod, Disk disk) throws VolumeException, PathException, Failure {
        if (disk.ejected()) {
            return new DiskSource.NoMedium();
        }
        if (disk.claimName().isEmpty()) {
            Identity identity = Objects.requireNonNull(
                    Objects.requireNonNull(vm.getStatus()).identity());
            return new Media(volumes, binds).make(vm, pod, identity, disk);
        }
        try (Opened opened = volumes.disk(pod, disk)) {
            String path = binds.disk(vm.getMetadata().getUid(), disk.name(), disk.imageFile(), opened)
                    .toString();
            return opened.kind() == Directory.EntryKind.BLOCK_DEVICE
                    ? new DiskSource.BlockDisk(path)
                    : new DiskSource.FileDisk(path, opened.takesDirectIo());
        }
    }

    /** Whether that path is what {@link #of} gives for the disk; nothing is opened. */
    boolean isOf(String vmUid, Disk disk, String path) {
        if (disk.ejected()) {
            return false;
        }
        return disk.claimName().isEmpty()
                ? path.equals(binds.medium(vmUid, disk.name()).toString())
                : path.equals(binds.image(vmUid, disk.name(), disk.imageFile()).toString())
                        || (!disk.namesFile()
                                && path.equals(binds.device(vmUid, disk.name()).toString()));
    }
}
