package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class SmbiosPartTest extends PartTest {
    SmbiosPartTest() {
        super(new SmbiosPart());
    }

    @Test
    void tellsTheGuestItsIdentity() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.TCG))
                .contains(
                        "<entry name=\"uuid\">5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c</entry>",
                        "<smbios mode=\"sysinfo\"/>");
    }
}
