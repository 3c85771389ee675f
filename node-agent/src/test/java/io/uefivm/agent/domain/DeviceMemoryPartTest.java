package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class DeviceMemoryPartTest extends PartTest {
    DeviceMemoryPartTest() {
        super(new DeviceMemoryPart());
    }

    @Test
    void leavesASmallCardToLibvirtAndOvmf() {
        assertThatPartOf(SampleVms.gpuWorkstation()).isEmpty();
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM)).isEmpty();
    }

    /** Two of 16 MiB, 128 GiB and 32 MiB: each port takes 256 GiB, aligned to the largest of them. */
    @Test
    void makesRoomForLargeOnes() {
        assertThatPartOf(SampleVms.gpuServer()).isEqualTo("""
                        <memtune>
                          <hard_limit unit="KiB">336691200</hard_limit>
                        </memtune>
                        <qemu:commandline xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
                          <qemu:arg value="-fw_cfg"/>
                          <qemu:arg value="name=opt/ovmf/X-PciMmio64Mb,string=524288"/>
                        </qemu:commandline>
                        """);
    }
}
