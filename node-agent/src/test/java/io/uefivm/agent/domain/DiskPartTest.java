package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DiskPartTest extends PartTest {
    DiskPartTest() {
        super(new DiskPart());
    }

    @Test
    void isVirtioOnAPortOfItsOwnByDefault() {
        DomainInput input = SampleVms.minimalLinux(Accelerator.KVM);

        assertThatPartOf(input).isEqualTo("""
                        <disk type="file" device="disk">
                          <driver name="qemu" type="raw" cache="writeback" discard="unmap"/>
                          <source file="/var/lib/uefivm/11111111-2222-3333-4444-555555555555/disks/root/disk.img"/>
                          <target dev="vda" bus="virtio"/>
                          <serial>root</serial>
                          <boot order="1"/>
                        </disk>
                        """);
        assertThat(rootPorts(input)).isEqualTo(1);
    }

    @Test
    void opensABlockDevicePastTheHostsCache() {
        assertThatPartOf(SampleVms.linuxServer())
                .contains(
                        "<disk type=\"block\" device=\"disk\">",
                        "<driver name=\"qemu\" type=\"raw\" cache=\"none\" io=\"native\" discard=\"unmap\"/>",
                        "<source dev=\"/var/lib/uefivm/11111111-2222-3333-4444-555555555555/disks/data\"/>");
    }

    @Test
    void protectsWhatIsReadOnly() {
        assertThatPartOf(disk("{name: root, readOnly: true, persistentVolumeClaim: {claimName: a}}"))
                .contains("<readonly/>")
                .doesNotContain("discard");
    }

    @Test
    void attachesACdromToSata() {
        assertThatPartOf(disk("{name: setup, cdrom: {}, persistentVolumeClaim: {claimName: a}}"))
                .contains("device=\"cdrom\"", "<target dev=\"sda\" bus=\"sata\"/>", "<readonly/>");
    }

    @Test
    void letsAUsbCdromBePulledOutButNoUsbDisk() {
        assertThatPartOf(disk("{name: drivers, cdrom: {bus: usb}, persistentVolumeClaim: {claimName: a}}"))
                .contains("<target dev=\"sda\" bus=\"usb\" removable=\"on\"/>");
        assertThatPartOf(disk("{name: root, bus: usb, persistentVolumeClaim: {claimName: a}}"))
                .contains("<target dev=\"sda\" bus=\"usb\" removable=\"off\"/>");
    }

    @Test
    void saysWhatToUseInsteadOfNvme() {
        DomainInput input = disk("{name: root, bus: nvme, persistentVolumeClaim: {claimName: a}}");

        assertThatThrownBy(() -> render(input))
                .isInstanceOfSatisfying(
                        UnsupportedSpecException.class,
                        e -> assertThat(e.field()).isEqualTo("spec.disks[root].bus"))
                .hasMessageContaining("use virtio, scsi or sata");
    }

    @Test
    void saysWhatToUseInsteadOfAReadOnlySataDisk() {
        DomainInput input = disk("{name: root, bus: sata, readOnly: true, persistentVolumeClaim: {claimName: a}}");

        assertThatThrownBy(() -> render(input))
                .isInstanceOfSatisfying(
                        UnsupportedSpecException.class,
                        e -> assertThat(e.field()).isEqualTo("spec.disks[root].readOnly"))
                .hasMessageContaining("use virtio, scsi or usb");
    }

    private static DomainInput disk(String disk) {
        return small("disks: [" + disk + "]", Accelerator.KVM);
    }
}
