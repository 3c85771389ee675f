package io.uefivm.api.v1alpha1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Gives every device of a spec its place. A place that was given stays: boot entries and what a guest's configuration
 * says of a device name it by its address, so that adding or removing one must not move another.
 */
public final class DeviceSlots {
    private DeviceSlots() {}

    /**
     * The places of a spec's devices, in the order of the spec: disks, networks, devices.
     *
     * @param known the places given before; those of devices that are no longer in the spec are free for new ones
     */
    public static List<DeviceSlot> of(List<DeviceSlot> known, UefiVirtualMachineSpec spec) {
        Map<String, SlotBus> wanted = buses(spec);
        Map<String, DeviceSlot> kept = known.stream()
                .filter(slot -> slot.bus() == wanted.get(slot.name()))
                .collect(Collectors.toMap(DeviceSlot::name, slot -> slot, (first, second) -> first));
        var slots = new ArrayList<DeviceSlot>();
        wanted.forEach((name, bus) -> {
            DeviceSlot slot = kept.computeIfAbsent(name, added -> new DeviceSlot(added, bus, free(kept, bus)));
            slots.add(slot);
        });
        return List.copyOf(slots);
    }

    private static Map<String, SlotBus> buses(UefiVirtualMachineSpec spec) {
        var buses = new LinkedHashMap<String, SlotBus>();
        spec.disks().forEach(disk -> buses.put(disk.name(), slotBus(disk.attachedTo())));
        spec.networks().forEach(network -> buses.put(network.name(), SlotBus.PCI));
        spec.devices().forEach(device -> buses.put(device.name(), SlotBus.PCI));
        return buses;
    }

    private static SlotBus slotBus(DiskBus bus) {
        return switch (bus) {
            case VIRTIO, NVME -> SlotBus.PCI;
            case SCSI -> SlotBus.SCSI;
            case SATA -> SlotBus.SATA;
            case USB -> SlotBus.USB;
        };
    }

    private static int free(Map<String, DeviceSlot> taken, SlotBus bus) {
        Set<Integer> numbers = taken.values().stream()
                .filter(slot -> slot.bus() == bus)
                .map(DeviceSlot::number)
                .collect(Collectors.toSet());
        int number = 0;
        while (numbers.contains(number)) {
            number++;
        }
        return number;
    }
}
