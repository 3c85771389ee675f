package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RomClaim;
import io.uefivm.api.v1alpha1.RomFile;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies the expansion ROMs that a spec gives its devices to where QEMU reads them. Copies, because the guest's firmware
 * executes what is in them: nobody who can write to the claim changes it under a guest that reboots.
 */
record Roms(PodVolumes volumes, StableBinds binds) {
    /** The largest that the PCI specification lets a device decode (PCI 3.0, 6.2.5.2). */
    private static final int MOST = 16 << 20;

    /**
     * Paths of the ROMs, by the name of the device.
     *
     * @throws Failure {@code DeviceUnavailable} when one is missing or none
     */
    Map<String, String> of(UefiVirtualMachine vm, Pod pod) throws Failure, VolumeException, PathException {
        var paths = new HashMap<String, String>();
        for (Device device : vm.getSpec().devices()) {
            Optional<byte[]> content = content(pod, device);
            if (content.isPresent()) {
                requireRom(device, content.get());
                paths.put(
                        device.name(),
                        binds.rom(vm.getMetadata().getUid(), device.name(), content.get())
                                .toString());
            }
        }
        return paths;
    }

    private Optional<byte[]> content(Pod pod, Device device) throws Failure, VolumeException, PathException {
        Optional<RomClaim> claim = device.romClaim();
        if (claim.isPresent()) {
            return Optional.of(volumes.file(
                    pod, Api.VOLUME_ROM_PREFIX + device.name(), claim.get().file(), MOST, Reason.DeviceUnavailable));
        }
        Optional<FirmwareFile> file = RomFile.of(device);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String path = file.get().path();
        byte[] content = volumes.projected(pod.getMetadata().getUid(), Api.VOLUME_FIRMWARE, List.of(path))
                .get(path);
        if (content == null) {
            throw unusable(device, file.get().describe() + " does not exist; create it");
        }
        return Optional.of(content);
    }

    /** The signature of an expansion ROM (PCI Firmware 3.0, 5.1.1); a dump of a whole flash chip begins otherwise. */
    private static void requireRom(Device device, byte[] content) throws Failure {
        if (content.length < 2 || content[0] != 0x55 || content[1] != (byte) 0xaa) {
            throw unusable(
                    device,
                    "it does not begin with 55 aa, as expansion ROMs do; a dump of a card's flash often has something"
                            + " before it that has to be cut off");
        }
    }

    private static Failure unusable(Device device, String why) {
        return new Failure(Reason.DeviceUnavailable, "devices[" + device.name() + "].rom: " + why);
    }
}
