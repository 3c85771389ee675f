package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class ConsolePartTest extends PartTest {
    ConsolePartTest() {
        super(new ConsolePart());
    }

    @Test
    void isAppendedToTheLog() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM))
                .contains(
                        "<log file=\"" + SampleVms.STATE + "/console.log\" append=\"on\"/>",
                        "<target type=\"isa-serial\" port=\"0\"/>");
    }
}
