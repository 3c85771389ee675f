package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes and containers on a host, laid out as kubelet does: {@code pods/<uid>/volumes/<plugin>/<name>}, CSI volumes with
 * {@code /mount} below, emptyDirs open to everybody (or to the pod's fsGroup), projected volumes of Secrets and ConfigMaps
 * in memory, hostPath volumes not at all.
 *
 * <p>Left out: block devices, volumes of one ConfigMap or Secret and the like, fsGroup for anything but emptyDirs.
 */
final class HostRuntime implements PodRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(HostRuntime.class);

    /** {@code $1} what is mounted at {@code $2} with the options {@code $3}. */
    private static final String MOUNT = """
            test -d "$1"
            mkdir -p "$2"
            mountpoint -q "$2" || { mount --bind "$1" "$2"; mount -o "remount,bind,$3" "$2"; }
            """;

    private static final String EMPTY_DIR = """
            mkdir -p "$1"
            [ "$2" = disk ] || mountpoint -q "$1" || mount -t tmpfs tmpfs "$1"
            [ -z "$3" ] || chgrp "$3" "$1"
            chmod "$4" "$1"
            """;

    /**
     * Innermost mounts first, lazily what is busy. The directory goes only when nothing is mounted in it any more: what
     * would be removed through a mount is somebody's data.
     */
    private static final String CLEAN_UP = """
            [ -d "$1" ] || exit 0
            sed 's/^[^ ]* [^ ]* [^ ]* [^ ]* \\([^ ]*\\) .*/\\1/' /proc/self/mountinfo | grep -F "$1/" | sort -r |
            while read -r at; do umount "$at" 2>/dev/null || umount --lazy "$at"; done
            if grep -qF " $1/" /proc/self/mountinfo; then echo "still mounted" >&2; exit 1; fi
            rm -rf --one-file-system "$1"
            """;

    private final KubernetesClient client;
    private final HostShell host;
    private final String kubeletDirectory;
    private final DeviceManager devices;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Set<String> prepared = ConcurrentHashMap.newKeySet();
    private final CgroupDriver cgroups;
    /** By the UID of the pod. */
    private final Map<String, String> groups = new ConcurrentHashMap<>();

    /**
     * @param client reads the Secrets and ConfigMaps of volumes
     * @param kubeletDirectory kubelet's root directory on the host, such as {@code /var/lib/kubelet}
     * @param devices gives devices to pods; not closed here, as it outlives the pods
     */
    HostRuntime(
            KubernetesClient client,
            HostShell host,
            String kubeletDirectory,
            DeviceManager devices,
            CgroupDriver cgroups) {
        this.client = client;
        this.host = host;
        this.kubeletDirectory = kubeletDirectory;
        this.devices = devices;
        this.cgroups = cgroups;
    }

    private String podDirectory(String uid) {
        return kubeletDirectory + "/pods/" + uid;
    }

    @Override
    public Optional<String> admit(Pod pod) {
        try {
            devices.allocate(pod);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Objects.requireNonNull(e.getMessage()));
        }
    }

    @Override
    public void release(String podUid) {
        devices.release(podUid);
    }

    @Override
    public void prepare(Pod pod, Map<String, PersistentVolume> claims) throws IOException {
        String uid = pod.getMetadata().getUid();
        prepared.add(uid);
        for (Volume volume : pod.getSpec().getVolumes()) {
            String directory = directoryOf(uid, volume, claims);
            if (volume.getEmptyDir() != null) {
                makeEmptyDir(pod, "Memory".equals(volume.getEmptyDir().getMedium()), directory);
            } else if (volume.getProjected() != null) {
                ProjectedVolume content =
                        ProjectedVolume.of(client, pod.getMetadata().getNamespace(), volume.getProjected());
                makeEmptyDir(pod, true, directory);
                content.writeTo(host.outside(directory));
            } else if (volume.getPersistentVolumeClaim() != null) {
                PersistentVolume behind = behind(volume, claims);
                if (behind.getSpec().getHostPath() == null) {
                    boolean readOnly = Boolean.TRUE.equals(
                            volume.getPersistentVolumeClaim().getReadOnly());
                    host.run("sh", "-ec", MOUNT, "mount", source(behind), directory, readOnly ? "ro" : "rw");
                }
            } else if (volume.getHostPath() == null) {
                throw new IOException("volume %s is of a type that is not simulated".formatted(volume.getName()));
            }
        }
    }

    private void makeEmptyDir(Pod pod, boolean memory, String directory) throws IOException {
        PodSecurityContext security = pod.getSpec().getSecurityContext();
        Long group = security == null ? null : security.getFsGroup();
        host.run(
                "sh",
                "-ec",
                EMPTY_DIR,
                "emptyDir",
                directory,
                memory ? "memory" : "disk",
                group == null ? "" : group.toString(),
                group == null ? "0777" : "2777");
    }

    private static PersistentVolume behind(Volume volume, Map<String, PersistentVolume> claims) {
        return Objects.requireNonNull(claims.get(volume.getName()), volume.getName());
    }

    private static String source(PersistentVolume volume) throws IOException {
        if (volume.getSpec().getCsi() != null) {
            String directory = Objects.requireNonNullElse(
                            volume.getSpec().getCsi().getVolumeAttributes(), Map.<String, String>of())
                    .get(StandInStorageClass.DIRECTORY);
            if (directory != null) {
                return directory;
            }
        }
        if (volume.getSpec().getLocal() != null) {
            return volume.getSpec().getLocal().getPath();
        }
        throw new IOException("persistent volume %s is of a type that is not simulated"
                .formatted(volume.getMetadata().getName()));
    }

    private String directoryOf(String uid, Volume volume, Map<String, PersistentVolume> claims) {
        String volumes = podDirectory(uid) + "/volumes/";
        if (volume.getHostPath() != null) {
            return volume.getHostPath().getPath();
        }
        if (volume.getProjected() != null) {
            return volumes + "kubernetes.io~projected/" + volume.getName();
        }
        if (volume.getPersistentVolumeClaim() == null) {
            return volumes + "kubernetes.io~empty-dir/" + volume.getName();
        }
        PersistentVolume behind = behind(volume, claims);
        String name = behind.getMetadata().getName();
        if (behind.getSpec().getHostPath() != null) {
            return behind.getSpec().getHostPath().getPath();
        }
        return behind.getSpec().getCsi() != null
                ? volumes + "kubernetes.io~csi/" + name + "/mount"
                : volumes + "kubernetes.io~local-volume/" + name;
    }

    @Override
    public Running start(Pod pod, Map<String, PersistentVolume> claims) throws IOException {
        String uid = pod.getMetadata().getUid();
        Container container = pod.getSpec().getContainers().get(0);
        Map<String, String> mounts = new HashMap<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            mounts.put(volume.getName(), directoryOf(uid, volume, claims));
        }
        String group = groups.get(uid);
        if (group == null) {
            group = cgroups.make(host, pod);
            groups.put(uid, group);
        }
        Running process = ContainerProcess.start(
                host,
                cgroups.within(group),
                podDirectory(uid) + "/containers/" + container.getName(),
                pod,
                container,
                mounts);
        running.put(uid, process);
        var unused = process.exit().whenComplete((code, failure) -> running.remove(uid, process));
        return process;
    }

    @Override
    public void cleanUp(String podUid) throws IOException {
        host.run("sh", "-c", CLEAN_UP, "clean-up", podDirectory(podUid));
        String group = groups.get(podUid);
        if (group != null) {
            cgroups.remove(host, group);
            groups.remove(podUid);
        }
        prepared.remove(podUid);
    }

    @Override
    public void close() {
        Collection<Running> all = running.values();
        all.forEach(Running::kill);
        all.forEach(r -> r.exit().join());
        devices.forget();
        for (String uid : prepared) {
            try {
                cleanUp(uid);
            } catch (IOException e) {
                LOG.warn("pod {} is not cleaned up: {}", uid, e.getMessage());
            }
        }
    }
}
