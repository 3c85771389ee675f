package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class WatchdogPartTest extends PartTest {
    WatchdogPartTest() {
        super(new WatchdogPart());
    }

    @Test
    void resetsAGuestThatHangsUnlessTold() {
        assertThatPartOf("watchdog: {}", Accelerator.KVM).isEqualTo("""
                <watchdog model="i6300esb" action="reset">
                  <address type="pci" domain="0x0000" bus="0x00" slot="0x18" function="0x0"/>
                </watchdog>
                """);
        assertThatPartOf("watchdog: {action: poweroff}", Accelerator.KVM).contains("action=\"poweroff\"");
    }

    @Test
    void isNotThereUnlessAskedFor() {
        assertThatPartOf("", Accelerator.KVM).isEmpty();
    }
}
