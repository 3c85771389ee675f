package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class ClockPartTest extends PartTest {
    ClockPartTest() {
        super(new ClockPart());
    }

    @Test
    void showsUtcToLinux() {
        assertThatPartOf("", Accelerator.KVM)
                .contains("<clock offset=\"utc\">", "<timer name=\"hpet\" present=\"no\"/>")
                .doesNotContain("hypervclock");
    }

    @Test
    void showsLocalTimeToWindows() {
        assertThatPartOf("guestOS: Windows", Accelerator.KVM)
                .contains("<clock offset=\"localtime\">", "<timer name=\"hypervclock\" present=\"yes\"/>");
    }

    @Test
    void hasHyperVsClockOnlyWhereThereIsHyperVsInterface() {
        assertThatPartOf("guestOS: Windows", Accelerator.TCG)
                .contains("localtime")
                .doesNotContain("hypervclock");
    }
}
