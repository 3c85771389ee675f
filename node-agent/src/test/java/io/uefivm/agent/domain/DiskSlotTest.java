package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiskSlotTest {
    @Test
    void namesScsiSataAndUsbInOneRowAndVirtioInAnother() {
        assertThat(DiskSlot.of(vm("scsi", "virtio", "sata", "usb", "virtio")))
                .extracting(DiskSlot::device)
                .containsExactly("sda", "vda", "sdb", "sdc", "vdb");
    }

    @Test
    void goesOnAfterTheAlphabet() {
        List<DiskSlot> slots = DiskSlot.of(
                vm(IntStream.range(0, 28).mapToObj(index -> "virtio").toArray(String[]::new)));

        assertThat(slots.get(25).device()).isEqualTo("vdz");
        assertThat(slots.get(26).device()).isEqualTo("vdaa");
        assertThat(slots.get(27).device()).isEqualTo("vdab");
    }

    @Test
    void countsTheAddressesOfEachBusByThemselves() {
        List<DiskSlot> slots = DiskSlot.of(vm("scsi", "sata", "scsi"));

        assertThat(address(slots.get(0))).containsEntry("target", "0").containsEntry("unit", "0");
        assertThat(address(slots.get(1))).containsEntry("target", "0").containsEntry("unit", "0");
        assertThat(address(slots.get(2))).containsEntry("target", "1").containsEntry("unit", "0");
    }

    @Test
    void goesToTheNextControllerWhenAllSataPortsAreTaken() {
        DiskSlot seventh = DiskSlot.of(vm("sata", "sata", "sata", "sata", "sata", "sata", "sata"))
                .get(6);

        assertThat(address(seventh)).containsEntry("controller", "1").containsEntry("unit", "0");
    }

    private static Map<String, String> address(DiskSlot slot) {
        return slot.elements().get(1).attributes();
    }

    private static DomainInput vm(String... buses) {
        String yaml = IntStream.range(0, buses.length)
                .mapToObj(index ->
                        "- {name: d" + index + ", bus: " + buses[index] + ", persistentVolumeClaim: {claimName: c}}\n")
                .collect(Collectors.joining());
        return SampleVms.vm("memory: {size: 1Gi}\ndisks:\n" + yaml, Accelerator.KVM);
    }
}
