package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
                          <driver name="qemu" type="raw" cache="none" discard="unmap"/>
                          <source file="/var/lib/uefivm/11111111-2222-3333-4444-555555555555/disks/root/disk.img"/>
                          <target dev="vda" bus="virtio"/>
                          <serial>root</serial>
                          <boot order="1"/>
                          <address type="pci" domain="0x0000" bus="0x09" slot="0x00" function="0x0"/>
                        </disk>
                        """);
        assertThat(ports(input)).containsExactly(9);
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
    void usesTheHostsCacheWhereTheFileSystemHasNothingElse() {
        DomainInput input = onTmpfs("{name: root, persistentVolumeClaim: {claimName: a}}");

        assertThatPartOf(input).contains("cache=\"writeback\"").doesNotContain("io=");
        assertThatThrownBy(() -> render(onTmpfs("{name: root, cache: none, persistentVolumeClaim: {claimName: a}}")))
                .isInstanceOf(UnsupportedSpecException.class)
                .hasMessageContaining("spec.disks[root].cache", "use writeback");
        assertThatThrownBy(
                        () -> render(onTmpfs("{name: root, shareable: true, persistentVolumeClaim: {claimName: a}}")))
                .isInstanceOf(UnsupportedSpecException.class)
                .hasMessageContaining("spec.disks[root].shareable", "volumeMode Block");
    }

    @Test
    void readsMediaThroughTheHostsCache() {
        assertThatPartOf(disk("{name: setup, cdrom: {}, persistentVolumeClaim: {claimName: a}}"))
                .contains("cache=\"writeback\"");
    }

    @Test
    void cachesAndDiscardsAsItIsTold() {
        assertThatPartOf(disk("{name: a, cache: writethrough, persistentVolumeClaim: {claimName: a}}"))
                .contains("cache=\"writethrough\" discard=\"unmap\"");
        assertThatPartOf(disk("{name: a, discard: ignore, persistentVolumeClaim: {claimName: a}}"))
                .contains("cache=\"none\" discard=\"ignore\"");
        assertThatPartOf(with(
                        disk("{name: a, cache: writeback, persistentVolumeClaim: {claimName: a}}"),
                        new DiskSource.BlockDisk("/dev/a")))
                .contains("cache=\"writeback\" discard=\"unmap\"");
    }

    @Test
    void givesAThreadOfItsOwnToEachDiskThatAsksForOne() {
        DomainInput input = SampleVms.tunedDisks();

        assertThatPartOf(input).containsSubsequence("iothread=\"1\"", "/log/", "iothread=\"2\"", "/tables/");
        assertThat(new IoThreadPart().render(input))
                .singleElement()
                .satisfies(threads ->
                        assertThat(ElementWriter.write(threads.element())).isEqualTo("<iothreads>2</iothreads>\n"));
        assertThat(new IoThreadPart().render(SampleVms.linuxServer())).isEmpty();
    }

    @Test
    void leavesADiskToOthersOnlyWhereItIsSaid() {
        assertThatPartOf(disk("{name: a, shareable: true, persistentVolumeClaim: {claimName: a}}"))
                .contains("cache=\"none\"", "<shareable/>");
        assertThatPartOf(disk("{name: a, persistentVolumeClaim: {claimName: a}}"))
                .doesNotContain("<shareable/>");
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
    void leavesAnEjectedDriveEmpty() {
        assertThatPartOf(disk("{name: a, cdrom: {bus: scsi, ejected: true}, persistentVolumeClaim: {claimName: a}}"))
                .contains("device=\"cdrom\"", "<target dev=\"sda\" bus=\"scsi\"/>", "<readonly/>")
                .doesNotContain("<source", "cache=");
    }

    @Test
    void letsAUsbCdromBePulledOutButNoUsbDisk() {
        assertThatPartOf(disk("{name: drivers, cdrom: {bus: usb}, persistentVolumeClaim: {claimName: a}}"))
                .contains(
                        "<target dev=\"sda\" bus=\"usb\" removable=\"on\"/>",
                        "<address type=\"usb\" bus=\"0\" port=\"2\"/>");
        assertThatPartOf(disk("{name: root, bus: usb, persistentVolumeClaim: {claimName: a}}"))
                .contains("<target dev=\"sda\" bus=\"usb\" removable=\"off\"/>");
    }

    @Test
    void isAVirtioDiskToLibvirtThatQemuMakesNvme() {
        DomainInput input = disk("{name: root, bus: nvme, persistentVolumeClaim: {claimName: a}}");

        assertThatPartOf(input).contains("<alias name=\"ua-root\"/>", "bus=\"virtio\"");
        assertThat(new NvmeOverride().render(input))
                .singleElement()
                .satisfies(override ->
                        assertThat(ElementWriter.write(override.element())).isEqualTo("""
                        <qemu:override xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
                          <qemu:device alias="ua-root">
                            <qemu:frontend>
                              <qemu:property name="driver" type="string" value="nvme"/>
                            </qemu:frontend>
                          </qemu:device>
                        </qemu:override>
                        """));
        assertThat(new NvmeOverride().render(SampleVms.linuxServer())).isEmpty();
    }

    @Test
    void believesNoHeaderOfAnImage() {
        assertThatPartOf(disk("{name: root, persistentVolumeClaim: {claimName: a}}"))
                .contains("type=\"raw\"");
        assertThatPartOf(disk("{name: root, format: qcow2, persistentVolumeClaim: {claimName: a}}"))
                .contains("type=\"qcow2\"", "<backingStore/>");
    }

    @Test
    void hasRoomForFourteenOnUsb() {
        String disks = IntStream.range(0, 15)
                .mapToObj(number -> "{name: d" + number + ", bus: usb, persistentVolumeClaim: {claimName: a}}")
                .collect(Collectors.joining(", "));

        assertThatThrownBy(() -> render(disk(disks)))
                .isInstanceOf(UnsupportedSpecException.class)
                .hasMessageContaining("14 USB disks");
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

    /** On a file system that does no direct I/O. */
    private static DomainInput onTmpfs(String disk) {
        return with(disk(disk), new DiskSource.FileDisk("/d/disk.img", false));
    }

    /** With that source for its only disk. */
    private static DomainInput with(DomainInput input, DiskSource source) {
        return new DomainInput(
                input.owner(),
                input.identity(),
                input.spec(),
                input.accelerator(),
                input.machineType(),
                input.loader(),
                input.nvramPath(),
                Map.of(input.spec().disks().get(0).name(), source),
                input.devices(),
                input.consoleLogPath());
    }

    private static DomainInput disk(String disk) {
        return small("disks: [" + disk + "]", Accelerator.KVM);
    }
}
