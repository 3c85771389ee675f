package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.DiskSource;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.domain.HostDevice;
import io.uefivm.agent.domain.HostShare;
import io.uefivm.agent.domain.Pinning;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.QemuUser;
import io.uefivm.agent.nvram.Preparation;
import io.uefivm.agent.volume.Opened;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.FirmwareLayout;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Gathers what a VM's domain is made from, and binds its files to the paths that the domain names. */
final class DomainInputs {
    private final DiskSources sources;
    private final StableBinds binds;
    private final Passthrough passthrough;
    private final Roms roms;
    private final DedicatedCpus dedicated;

    DomainInputs(DiskSources sources, Roms roms, StableBinds binds, Passthrough passthrough, DedicatedCpus dedicated) {
        this.sources = sources;
        this.binds = binds;
        this.passthrough = passthrough;
        this.roms = roms;
        this.dedicated = dedicated;
    }

    /**
     * Binds what the VM keeps.
     *
     * @param qemuUser whom libvirt gives files to
     * @return the path of its variables
     */
    String state(UefiVirtualMachine vm, SafeDir claim, Preparation.Ready ready, Optional<QemuUser> qemuUser)
            throws PathException {
        String uid = vm.getMetadata().getUid();
        if (vm.getSpec().tpm().enabled()) {
            try (Opened opened = claim.pin(ready.files().tpm())) {
                binds.tpm(uid, UUID.fromString(identity(vm).uuid()), opened);
            }
        }
        try (Opened opened = claim.pin(ready.files().vars())) {
            if (vm.getSpec().firmware().layout() == FirmwareLayout.Combined && qemuUser.isPresent()) {
                opened.requireFile().give(qemuUser.get().uid(), qemuUser.get().gid());
            }
            return binds.nvram(uid, opened).toString();
        }
    }

    private static Identity identity(UefiVirtualMachine vm) {
        return Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).identity());
    }

    /** @param vars the path of the VM's variables, if it keeps any */
    DomainInput gather(UefiVirtualMachine vm, Pod pod, Blueprint blueprint, Optional<String> vars, Path console)
            throws VolumeException, PathException, Failure, HypervisorException {
        String uid = vm.getMetadata().getUid();
        Identity identity = identity(vm);
        binds.place(uid);
        var disks = new HashMap<String, DiskSource>();
        for (Disk disk : vm.getSpec().disks()) {
            disks.put(disk.name(), sources.of(vm, pod, disk));
        }
        Optional<Pinning> pinning = dedicated.of(vm, pod);
        // Before a device is handed over, which is for the only time with one that cannot be reset.
        Map<String, String> files = roms.of(vm, pod);
        var devices = new HashMap<>(passthrough.devices(vm, pod));
        files.forEach((name, path) -> devices.computeIfPresent(name, (n, device) -> device.withRom(path)));
        var owner = new DomainOwner(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                uid,
                Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).epoch()),
                pod.getMetadata().getUid(),
                devices.values().stream().map(HostDevice::name).sorted().toList());
        return new DomainInput(
                owner,
                identity,
                vm.getSpec(),
                blueprint.accelerator(),
                blueprint.machineType(),
                blueprint.loader(),
                vars,
                disks,
                devices,
                console.toString(),
                new HostShare(Optional.empty(), pinning));
    }
}
