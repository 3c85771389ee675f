package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StorageControllerPartTest extends PartTest {
    StorageControllerPartTest() {
        super(new StorageControllerPart());
    }

    @Test
    void hasNoneThatNoDiskNeeds() {
        assertThat(render(SampleVms.minimalLinux(Accelerator.KVM))).isEmpty();
    }

    @Test
    void hasVirtioScsiForScsiDisks() {
        DomainInput input = disks("bus: scsi", 2);

        assertThatPartOf(input).contains("<controller type=\"scsi\" index=\"0\" model=\"virtio-scsi\">");
        assertThat(ports(input)).containsExactly(RootPorts.SCSI);
    }

    @Test
    void usesTheMachinesOwnSataControllerFirst() {
        DomainInput input = disks("bus: sata", 6);

        assertThatPartOf(input).isEqualTo("<controller type=\"sata\" index=\"0\"/>\n");
        assertThat(ports(input)).isEmpty();
    }

    @Test
    void putsFurtherSataControllersBelowItOnTheRootBus() {
        assertThatPartOf(disks("cdrom: {}", 13)).isEqualTo("""
                        <controller type="sata" index="0"/>
                        <controller type="sata" index="1">
                          <address type="pci" domain="0x0000" bus="0x00" slot="0x1e" function="0x0"/>
                        </controller>
                        <controller type="sata" index="2">
                          <address type="pci" domain="0x0000" bus="0x00" slot="0x1d" function="0x0"/>
                        </controller>
                        """);
    }

    private static DomainInput disks(String attachment, int count) {
        return small(
                "disks:\n"
                        + IntStream.range(0, count)
                                .mapToObj(index -> "- {name: d" + index + ", " + attachment
                                        + ", persistentVolumeClaim: {claimName: c}}\n")
                                .collect(Collectors.joining()),
                Accelerator.KVM);
    }
}
