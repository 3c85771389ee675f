package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HyperVPartTest extends PartTest {
    HyperVPartTest() {
        super(new HyperVPart());
    }

    @Test
    void isForWindowsOnKvm() {
        assertThatPartOf("guestOS: Windows", Accelerator.KVM)
                .contains(
                        "<hyperv mode=\"custom\">",
                        "<spinlocks state=\"on\" retries=\"8191\"/>",
                        "<direct state=\"on\"/>",
                        "<ipi state=\"on\"/>");
    }

    @Test
    void isNotForOthers() {
        assertThat(render(small("guestOS: Linux", Accelerator.KVM))).isEmpty();
        assertThat(render(small("guestOS: Windows", Accelerator.TCG))).isEmpty();
    }
}
