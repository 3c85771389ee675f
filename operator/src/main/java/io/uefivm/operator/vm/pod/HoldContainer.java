package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.uefivm.api.v1alpha1.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The one container of every pod that the operator makes: it holds the pod open, so that its volumes stay mounted for the
 * node agent, until the agent says that it is done. It meets the Pod Security level {@code restricted}.
 */
final class HoldContainer {
    private static final String NAME = "hold";
    private static final String VOLUMES_PATH = "/volumes/";
    /** Any user but root: the container opens nothing. */
    private static final long USER = 65532;

    private static final Quantity SIZE = new Quantity("1Mi");

    /**
     * kubelet ends a container with SIGTERM and, after the grace period, SIGKILL. The first is ignored, because the guest
     * is still shutting down; the file ends the wait. One second of polling costs nothing and delays a stop by half of that.
     */
    private static final String SCRIPT =
            "trap '' TERM INT; until [ -e " + Api.HOLD_MOUNT_PATH + "/" + Api.HOLD_ENDED_FILE + " ]; do sleep 1; done";

    private HoldContainer() {}

    /**
     * The container.
     *
     * @param image any that has a POSIX shell
     * @param mounts of the volumes that kubelet has to mount, besides its own
     */
    static Container of(
            String image,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits,
            List<VolumeMount> mounts,
            List<VolumeDevice> devices) {
        List<VolumeMount> all = new ArrayList<>();
        all.add(new VolumeMountBuilder()
                .withName(Api.VOLUME_HOLD)
                .withMountPath(Api.HOLD_MOUNT_PATH)
                .withReadOnly(true)
                .build());
        all.addAll(mounts);
        return new ContainerBuilder()
                .withName(NAME)
                .withImage(image)
                .withCommand("/bin/sh", "-c", SCRIPT)
                .withNewResources()
                .withRequests(requests)
                .withLimits(limits)
                .endResources()
                .withVolumeMounts(all)
                .withVolumeDevices(devices)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .build();
    }

    /** kubelet mounts only volumes that a container uses. This one never looks at them, so it gets them read-only. */
    static VolumeMount mount(String volume) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(VOLUMES_PATH + volume)
                .withReadOnly(true)
                .build();
    }

    static VolumeDevice device(String volume) {
        return new VolumeDevice(VOLUMES_PATH + volume, volume);
    }

    /** Through which the agent says that it is done. */
    static Volume volume() {
        return new VolumeBuilder()
                .withName(Api.VOLUME_HOLD)
                .withNewEmptyDir()
                .withSizeLimit(SIZE)
                .endEmptyDir()
                .build();
    }

    static PodSecurityContext podSecurityContext() {
        return new PodSecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }
}
