package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class UsbPartTest extends PartTest {
    UsbPartTest() {
        super(new UsbPart());
    }

    @Test
    void isAlwaysThere() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM)).isEqualTo("""
                        <controller type="usb" index="0" model="qemu-xhci" ports="15">
                          <address type="pci" domain="0x0000" bus="0x01" slot="0x00" function="0x0"/>
                        </controller>
                        """);
    }
}
