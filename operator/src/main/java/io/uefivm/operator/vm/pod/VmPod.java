package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.Hugepages;
import io.uefivm.api.v1alpha1.PciDevice;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.SpecDigests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The pod of one epoch. It is how Kubernetes places the VM, mounts its volumes and accounts for it; nothing runs in it but
 * a container that holds it open until the node agent says that the domain is gone.
 */
public final class VmPod {
    /** By how much the limit exceeds the estimate, in bytes: in the cgroup of its pod a guest that reaches it is killed. */
    private static final long HEADROOM = 256L << 20;

    private static final long MIB = 1L << 20;

    private VmPod() {}

    /**
     * Builds the pod.
     *
     * @param claims the VM's claims by name; tells block devices from filesystems
     * @param deviceMemory as {@link MemoryOverhead#bytes} wants it
     * @param holdImage image of the hold container, any that has a POSIX shell
     */
    public static Pod of(
            Machine vm,
            long epoch,
            String name,
            Map<String, ClaimView> claims,
            Function<PciDevice, OptionalLong> deviceMemory,
            String holdImage) {
        long overhead = MemoryOverhead.bytes(vm.spec(), deviceMemory);
        Map<String, Quantity> limits = resources(vm, overhead + HEADROOM);
        Map<String, Quantity> requests = requests(vm, overhead);
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(vm.namespace())
                .withName(name)
                .withLabels(Map.of(
                        Api.LABEL_VM_UID,
                        vm.uid(),
                        "app.kubernetes.io/name",
                        "uefivm-vm",
                        "app.kubernetes.io/managed-by",
                        "uefivm"))
                .addToAnnotations(Api.ANNOTATION_VM_NAME, vm.name())
                .addToAnnotations(Api.ANNOTATION_EPOCH, Long.toString(epoch))
                .addToAnnotations(Api.ANNOTATION_GENERATION, Long.toString(vm.generation()))
                .addToAnnotations(Api.ANNOTATION_SPEC, SpecDigests.of(vm.spec()).text())
                .addToAnnotations(rollout(vm))
                .addToOwnerReferences(owner(vm))
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(vm.podGraceSeconds())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withNodeSelector(Placement.nodeSelector(vm))
                .withAffinity(Placement.affinity(vm))
                .withTolerations(vm.spec().tolerations())
                .withPriorityClassName(vm.spec().priorityClassName())
                .withSecurityContext(HoldContainer.podSecurityContext())
                .withContainers(hold(vm, claims, requests, limits, holdImage))
                .withVolumes(volumes(vm))
                .endSpec()
                .build();
    }

    /** For the agent: between placement and start a host's firmware can be replaced. */
    private static Map<String, String> rollout(Machine vm) {
        return vm.rolloutPart()
                .map(part -> Map.of(Api.ANNOTATION_FIRMWARE_ROLLOUT, part.name()))
                .orElse(Map.of());
    }

    /** A controller, so that a drain evicts the pod instead of refusing to touch one that nobody looks after. */
    static OwnerReference owner(Machine vm) {
        return new OwnerReferenceBuilder()
                .withApiVersion(HasMetadata.getApiVersion(UefiVirtualMachine.class))
                .withKind(HasMetadata.getKind(UefiVirtualMachine.class))
                .withName(vm.name())
                .withUid(vm.uid())
                .withController(true)
                .withBlockOwnerDeletion(false)
                .build();
    }

    private static Container hold(
            Machine vm,
            Map<String, ClaimView> claims,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits,
            String image) {
        List<VolumeMount> mounts = new ArrayList<>();
        List<VolumeDevice> devices = new ArrayList<>();
        if (vm.spec().keepsState()) {
            mounts.add(HoldContainer.mount(Api.VOLUME_NVRAM));
        }
        FirmwareVolume.of(vm.spec()).ifPresent(volume -> mounts.add(HoldContainer.mount(volume.getName())));
        for (Disk disk : vm.spec().disks()) {
            if (disk.claimName().isEmpty()) {
                continue;
            }
            String volume = Api.VOLUME_DISK_PREFIX + disk.name();
            ClaimView claim = claims.get(disk.claimName().get());
            if (claim != null && claim.block()) {
                devices.add(HoldContainer.device(volume));
            } else {
                mounts.add(HoldContainer.mount(volume));
            }
        }
        for (Device device : vm.spec().devices()) {
            device.romClaim().ifPresent(rom -> mounts.add(HoldContainer.mount(Api.VOLUME_ROM_PREFIX + device.name())));
        }
        return HoldContainer.of(image, requests, limits, mounts, devices);
    }

    private static Map<String, Quantity> requests(Machine vm, long overhead) {
        Map<String, Quantity> requests = new LinkedHashMap<>();
        requests.put("cpu", cpus(vm));
        // A pod is Guaranteed only with requests that equal its limits.
        requests.putAll(resources(vm, vm.spec().cpu().takesCpusAlone() ? overhead + HEADROOM : overhead));
        return requests;
    }

    /**
     * CPUs have no limit: a guest that is throttled in the middle of a lock stands still with all its CPUs. With one that
     * equals the request the pod is Guaranteed, and kubelet's static CPU policy gives it CPUs that nobody else has, so that
     * it cannot use more than it has.
     */
    private static Map<String, Quantity> resources(Machine vm, long overhead) {
        long guest = vm.spec().memory().bytes();
        Hugepages hugepages = vm.spec().memory().hugepages();
        Map<String, Quantity> resources = devices(vm);
        if (vm.spec().cpu().takesCpusAlone()) {
            resources.put("cpu", cpus(vm));
        }
        if (hugepages == null) {
            resources.put("memory", mebibytes(guest + overhead));
            return resources;
        }
        long page = new Quantity(hugepages.pageSize()).getNumericalAmount().longValueExact();
        resources.put("memory", mebibytes(overhead));
        resources.put("hugepages-" + hugepages.pageSize(), mebibytes((guest + page - 1) / page * page));
        return resources;
    }

    private static Quantity cpus(Machine vm) {
        return new Quantity(Integer.toString(vm.spec().cpu().count()));
    }

    /** What the device plugins of the nodes count: how many of each kind. A device given by its address is not counted. */
    private static Map<String, Quantity> devices(Machine vm) {
        Map<String, Integer> counts = new TreeMap<>();
        vm.spec()
                .devices()
                .forEach(device ->
                        device.pci().countedAs().ifPresent(resource -> counts.merge(resource, 1, Integer::sum)));
        Map<String, Quantity> devices = new LinkedHashMap<>();
        counts.forEach((resource, count) -> devices.put(resource, new Quantity(Integer.toString(count))));
        return devices;
    }

    /** In MiB, as people write it, rounded up. */
    private static Quantity mebibytes(long bytes) {
        return new Quantity((bytes + MIB - 1) / MIB + "Mi");
    }

    private static List<Volume> volumes(Machine vm) {
        List<Volume> volumes = new ArrayList<>();
        if (vm.spec().keepsState()) {
            String shared = vm.spec().nvram().sharedClaim();
            volumes.add(claim(Api.VOLUME_NVRAM, shared == null ? NvramClaim.name(vm.uid()) : shared, false));
        }
        for (Disk disk : vm.spec().disks()) {
            disk.claimName()
                    .ifPresent(name ->
                            volumes.add(claim(Api.VOLUME_DISK_PREFIX + disk.name(), name, disk.effectivelyReadOnly())));
        }
        for (Device device : vm.spec().devices()) {
            device.romClaim()
                    .ifPresent(rom -> volumes.add(claim(Api.VOLUME_ROM_PREFIX + device.name(), rom.claimName(), true)));
        }
        FirmwareVolume.of(vm.spec()).ifPresent(volumes::add);
        volumes.add(HoldContainer.volume());
        return volumes;
    }

    static Volume claim(String volume, String claimName, boolean readOnly) {
        return new VolumeBuilder()
                .withName(volume)
                .withNewPersistentVolumeClaim()
                .withClaimName(claimName)
                .withReadOnly(readOnly ? true : null)
                .endPersistentVolumeClaim()
                .build();
    }
}
