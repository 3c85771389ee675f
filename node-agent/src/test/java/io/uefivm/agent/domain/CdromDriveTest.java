package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.domain.DiskSource.BlockDisk;
import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.agent.domain.DiskSource.NoMedium;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CdromDriveTest {
    /** As libvirt 9.0 describes a running domain, shortened. */
    private static final String RUNNING = """
            <domain type='qemu' id='1'><devices>
              <disk type='file' device='disk'>
                <source file='/d/root.img' index='2'/><target dev='vda' bus='virtio'/><serial>root</serial>
              </disk>
              <disk type='file' device='cdrom'>
                <driver name='qemu' type='raw' cache='writeback'/>
                <source file='/d/a.iso' index='1'/>
                <backingStore/>
                <target dev='sda' bus='scsi'/>
                <readonly/>
                <serial>install</serial>
                <boot order='2'/>
                <alias name='scsi0-0-1-0'/>
                <address type='drive' controller='0' bus='0' target='1' unit='0'/>
              </disk>
              <disk type='file' device='cdrom'>
                <driver name='qemu'/><source index='3'/><target dev='sdb' bus='sata' tray='open'/><readonly/><serial>empty</serial>
              </disk>
            </devices></domain>
            """;

    private final List<CdromDrive> drives = CdromDrive.of(RUNNING);

    private static Disk disk(String name) {
        return SampleVms.spec("memory: {size: 1Gi}\ndisks: [{name: " + name + "}]")
                .disks()
                .get(0);
    }

    @Test
    void knowsItsDiskAndItsMedium() {
        assertThat(drives).hasSize(2);
        assertThat(drives.get(0).isOf(disk("install"))).isTrue();
        assertThat(drives.get(0).isOf(disk("empty"))).isFalse();
        assertThat(drives.get(0).medium()).contains("/d/a.iso");
        assertThat(drives.get(1).medium()).isEmpty();
    }

    @Test
    void changesNothingButTheMedium() {
        String changed = drives.get(0).with(new FileDisk("/d/b.iso", false), DiskFormat.RAW);

        assertThat(changed)
                .contains("<source file=\"/d/b.iso\"/>", "cache=\"writeback\"", "<boot order=\"2\"/>", "target=\"1\"")
                .doesNotContain("a.iso", "backingStore");
        assertThat(CdromDrive.of("<domain>" + changed + "</domain>").get(0).medium())
                .contains("/d/b.iso");
        assertThat(drives.get(0).medium()).as("the drive as it was read").contains("/d/a.iso");
    }

    @Test
    void ejects() {
        String changed = drives.get(0).with(new NoMedium(), DiskFormat.RAW);

        assertThat(changed).doesNotContain("<source").contains("<serial>install</serial>");
    }

    @Test
    void insertsIntoAnEmptyDrive() {
        assertThat(drives.get(1).with(new BlockDisk("/d/device"), DiskFormat.RAW))
                .contains("<source dev=\"/d/device\"/>", "type=\"block\"", "type=\"raw\"");
        assertThat(drives.get(1).with(new FileDisk("/d/c.qcow2", false), DiskFormat.QCOW2))
                .contains("type=\"file\"", "type=\"qcow2\"", "<backingStore/>");
    }

    @Test
    void believesNoOtherDocument() {
        assertThatThrownBy(() -> CdromDrive.of("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain/>"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
