package io.uefivm.agent.volume;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskFormat;
import io.uefivm.api.v1alpha1.Reason;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The volumes of running VM pods where kubelet put them on this node. Kubelet's own directories are root's alone; from
 * the root of a volume on, nothing is trusted.
 */
public final class PodVolumes {
    private static final String CSI = "kubernetes.io~csi";
    private static final String PROJECTED = "kubernetes.io~projected";
    private static final String EMPTY_DIR = "kubernetes.io~empty-dir";
    private static final int MARKER_MODE = 0644;

    private final Path hostRoot;
    private final Path kubeletDir;
    private final ClaimLookup lookup;

    /**
     * @param hostRoot where the root of the host is seen, for paths that only the host knows: those of hostPath
     *     persistent volumes and of devices
     * @param kubeletDir kubelet's directory, {@code /var/lib/kubelet} on most hosts
     */
    public PodVolumes(Path hostRoot, Path kubeletDir, ClaimLookup lookup) {
        this.hostRoot = hostRoot;
        this.kubeletDir = kubeletDir;
        this.lookup = lookup;
    }

    /** Name of the claim that a pod has as that volume; empty when it has none or the volume is something else. */
    public static Optional<String> claimName(Pod pod, String volume) {
        return BoundClaim.source(pod, volume).map(source -> source.getClaimName());
    }

    /**
     * Opens the claim that holds the VM's NVRAM.
     *
     * @throws VolumeException {@code ClaimNotFound}, {@code ClaimUnsafe}, {@code NvramUnreadable}
     */
    public SafeDir nvram(Pod pod) throws VolumeException {
        BoundClaim claim = BoundClaim.of(pod, Api.VOLUME_NVRAM, lookup);
        if (claim.block()) {
            throw new VolumeException(
                    Reason.NvramUnreadable,
                    "Claim " + claim.claimName() + " has volumeMode Block; NVRAM needs one with Filesystem.");
        }
        try {
            return fileSystem(claim);
        } catch (PathException e) {
            throw VolumeException.of(e, claim.volume(), Reason.NvramUnreadable);
        }
    }

    /**
     * Opens a disk: the device of a block claim, else the file in the claim's file system, {@code disk.img} unless the
     * spec names another. It is what its format says: the content of a raw one is not looked at, whatever a guest writes to its start.
     *
     * @throws VolumeException {@code ClaimNotFound}, {@code ClaimUnsafe}, {@code DiskNotFound}
     */
    public Opened disk(Pod pod, Disk disk) throws VolumeException {
        BoundClaim claim = BoundClaim.of(pod, Api.VOLUME_DISK_PREFIX + disk.name(), lookup);
        try {
            Opened opened = claim.block() ? device(claim, disk) : image(claim, disk);
            return disk.effectiveFormat() == DiskFormat.QCOW2 ? opened.requireStandaloneQcow2() : opened;
        } catch (PathException e) {
            throw VolumeException.of(e, claim.volume(), Reason.DiskNotFound);
        }
    }

    /**
     * Reads a file in a claim of a pod.
     *
     * @param volume name of the volume in the pod
     * @param file name of the file at the claim's root
     * @param limit the most bytes that it may have
     * @throws VolumeException {@code ClaimNotFound}, {@code ClaimUnsafe}, or {@code otherwise}
     */
    public byte[] file(Pod pod, String volume, String file, int limit, Reason otherwise) throws VolumeException {
        BoundClaim claim = BoundClaim.of(pod, volume, lookup);
        if (claim.block()) {
            throw new VolumeException(
                    otherwise,
                    "Claim " + claim.claimName() + " has volumeMode Block and no files: use one with Filesystem.");
        }
        try (SafeDir root = fileSystem(claim)) {
            if (root.entry(file).isEmpty()) {
                throw new VolumeException(otherwise, "Claim " + claim.claimName() + " has no file " + file + ".");
            }
            return root.read(file, limit);
        } catch (PathException e) {
            throw VolumeException.of(e, claim.volume(), otherwise);
        }
    }

    /**
     * Reads what kubelet projected into a volume of a pod from Secrets and ConfigMaps.
     *
     * @param volume name of the volume in the pod
     * @param paths of the files within the volume
     * @return content by path, without the files whose object or entry does not exist
     * @throws PathException {@code UNSAFE} when the volume is not as kubelet makes it
     */
    public Map<String, byte[]> projected(String podUid, String volume, Collection<String> paths) throws PathException {
        try (SafeDir volumes = podDirectory(podUid, "volumes");
                SafeDir plugin = volumes.openMount(PROJECTED);
                SafeDir root = plugin.openMount(volume)) {
            return ProjectedFiles.read(root, paths);
        }
    }

    /**
     * Tells the pod's container that the domain is gone. The directory belongs to the container: whatever has that name
     * in it already will do.
     *
     * @throws PathException {@code MISSING} when the pod is gone too
     */
    public void markEnded(String podUid) throws PathException {
        try (SafeDir volumes = podDirectory(podUid, "volumes");
                SafeDir plugin = volumes.openMount(EMPTY_DIR);
                SafeDir hold = plugin.openMount(Api.VOLUME_HOLD)) {
            if (hold.entry(Api.HOLD_ENDED_FILE).isEmpty()) {
                hold.create(Api.HOLD_ENDED_FILE, new byte[0], MARKER_MODE);
            }
        }
    }

    private SafeDir fileSystem(BoundClaim claim) throws PathException, VolumeException {
        if (claim.hostPath().isPresent()) {
            try (SafeDir root = SafeDir.trusted(hostRoot)) {
                return root.openInRoot(Path.of(claim.hostPath().get()));
            }
        }
        try (SafeDir volumes = podDirectory(claim.podUid(), "volumes")) {
            for (String plugin : volumes.names()) {
                Optional<SafeDir> found = below(volumes, plugin, claim.persistentVolume());
                if (found.isPresent()) {
                    return requireMounted(found.get(), claim);
                }
            }
        }
        throw notThere(claim);
    }

    private static Optional<SafeDir> below(SafeDir volumes, String plugin, String name) throws PathException {
        try (SafeDir directory = volumes.openMount(plugin)) {
            if (directory.entry(name).isEmpty()) {
                return Optional.empty();
            }
            SafeDir volume = directory.openMount(name);
            if (!plugin.equals(CSI)) {
                return Optional.of(volume);
            }
            try (volume) {
                return Optional.of(volume.openMount("mount"));
            }
        }
    }

    /** Kubelet's empty directory must not be taken for an empty claim: a new NVRAM would be made in it. */
    private static SafeDir requireMounted(SafeDir directory, BoundClaim claim) throws PathException, VolumeException {
        if (!directory.isMountRoot()) {
            directory.close();
            throw notThere(claim);
        }
        return directory;
    }

    private Opened image(BoundClaim claim, Disk disk) throws PathException, VolumeException {
        String file = disk.imageFile();
        try (SafeDir root = fileSystem(claim)) {
            if (root.entry(file).isEmpty()) {
                throw new VolumeException(
                        Reason.DiskNotFound,
                        "Claim " + claim.claimName() + " has no file " + file
                                + ": put an image there, or use a claim with volumeMode Block.");
            }
            return root.pin(file).requireFile();
        }
    }

    private Opened device(BoundClaim claim, Disk disk) throws PathException, VolumeException {
        if (disk.namesFile()) {
            throw new VolumeException(
                    Reason.DiskNotFound,
                    "Claim " + claim.claimName() + " has volumeMode Block and no files: leave out "
                            + "persistentVolumeClaim.file, or use a claim with Filesystem.");
        }
        try (SafeDir devices = podDirectory(claim.podUid(), "volumeDevices");
                SafeDir root = SafeDir.trusted(hostRoot)) {
            for (String plugin : devices.names()) {
                try (SafeDir directory = devices.openMount(plugin)) {
                    Optional<Path> target = directory.linkTarget(claim.persistentVolume());
                    if (target.isPresent()) {
                        return root.pinInRoot(target.get()).requireBlockDevice();
                    }
                }
            }
        }
        throw notThere(claim);
    }

    private SafeDir podDirectory(String podUid, String kind) throws PathException {
        try (SafeDir kubelet = SafeDir.trusted(kubeletDir);
                SafeDir pods = kubelet.openMount("pods");
                SafeDir pod = pods.openMount(podUid)) {
            return pod.openMount(kind);
        }
    }

    private static VolumeException notThere(BoundClaim claim) {
        return new VolumeException(
                Reason.ClaimNotFound,
                "Kubelet has not mounted claim " + claim.claimName() + " (persistent volume " + claim.persistentVolume()
                        + ") for the VM pod on this node.");
    }
}
