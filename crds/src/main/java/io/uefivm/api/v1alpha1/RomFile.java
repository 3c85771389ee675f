package io.uefivm.api.v1alpha1;

import io.uefivm.api.v1alpha1.FirmwareFile.Source;
import java.util.List;
import java.util.Optional;

/** The ROMs of passed-through devices that come from ConfigMaps: they reach the agent with the files of the firmware. */
public final class RomFile {
    private RomFile() {}

    /** The files of all devices, in the order of the spec. */
    public static List<FirmwareFile> of(List<Device> devices) {
        return devices.stream().flatMap(device -> of(device).stream()).toList();
    }

    /** The file of a device, within the volume {@link Api#VOLUME_FIRMWARE}. */
    public static Optional<FirmwareFile> of(Device device) {
        return Optional.ofNullable(device.rom())
                .map(Rom::configMapKeyRef)
                .map(entry -> new FirmwareFile("roms/" + device.name(), Source.ConfigMap, entry));
    }
}
