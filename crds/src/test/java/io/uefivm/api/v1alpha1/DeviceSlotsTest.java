package io.uefivm.api.v1alpha1;

import static io.uefivm.api.v1alpha1.SlotBus.PCI;
import static io.uefivm.api.v1alpha1.SlotBus.SATA;
import static io.uefivm.api.v1alpha1.SlotBus.SCSI;
import static io.uefivm.api.v1alpha1.SlotBus.USB;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceSlotsTest {
    @Test
    void countsEachBusByItself() {
        assertThat(slots(
                        List.of(),
                        disks("a", "virtio", "b", "scsi", "c", "nvme", "d", "scsi", "e", "sata", "f", "usb")))
                .containsExactly(
                        new DeviceSlot("a", PCI, 0),
                        new DeviceSlot("b", SCSI, 0),
                        new DeviceSlot("c", PCI, 1),
                        new DeviceSlot("d", SCSI, 1),
                        new DeviceSlot("e", SATA, 0),
                        new DeviceSlot("f", USB, 0));
    }

    @Test
    void putsCdromsNetworksAndDevicesWhereTheyGo() {
        assertThat(slots(List.of(), """
                        disks:
                        - {name: setup, cdrom: {}, persistentVolumeClaim: {claimName: c}}
                        - {name: drivers, cdrom: {bus: usb}, persistentVolumeClaim: {claimName: c}}
                        networks: [{name: lan, user: {}}]
                        devices: [{name: gpu, pci: {address: '0000:01:00'}}]
                        """))
                .containsExactly(
                        new DeviceSlot("setup", SATA, 0),
                        new DeviceSlot("drivers", USB, 0),
                        new DeviceSlot("lan", PCI, 0),
                        new DeviceSlot("gpu", PCI, 1));
    }

    @Test
    void movesNothingForWhatComesBeforeIt() {
        List<DeviceSlot> before = slots(List.of(), disks("a", "virtio", "b", "virtio"));

        assertThat(slots(before, disks("new", "virtio", "b", "virtio", "a", "virtio")))
                .containsExactly(
                        new DeviceSlot("new", PCI, 2), new DeviceSlot("b", PCI, 1), new DeviceSlot("a", PCI, 0));
    }

    @Test
    void movesNothingForWhatIsGoneAndFillsItsPlaceFirst() {
        List<DeviceSlot> before = slots(List.of(), disks("a", "scsi", "b", "scsi", "c", "scsi"));
        List<DeviceSlot> less = slots(before, disks("b", "scsi", "c", "scsi"));

        assertThat(less).containsExactly(new DeviceSlot("b", SCSI, 1), new DeviceSlot("c", SCSI, 2));
        assertThat(slots(less, disks("b", "scsi", "c", "scsi", "d", "scsi"))).endsWith(new DeviceSlot("d", SCSI, 0));
    }

    @Test
    void givesANewPlaceOnAnotherBus() {
        List<DeviceSlot> before = slots(List.of(), disks("a", "sata", "b", "virtio"));

        assertThat(slots(before, disks("a", "virtio", "b", "virtio")))
                .containsExactly(new DeviceSlot("a", PCI, 1), new DeviceSlot("b", PCI, 0));
    }

    private static List<DeviceSlot> slots(List<DeviceSlot> known, String spec) {
        return DeviceSlots.of(
                known, Serialization.unmarshal("memory: {size: 1Gi}\n" + spec, UefiVirtualMachineSpec.class));
    }

    private static String disks(String... namesAndBuses) {
        var yaml = new StringBuilder("disks:\n");
        for (int i = 0; i < namesAndBuses.length; i += 2) {
            yaml.append("- {name: " + namesAndBuses[i] + ", bus: " + namesAndBuses[i + 1]
                    + ", persistentVolumeClaim: {claimName: c}}\n");
        }
        return yaml.toString();
    }
}
