package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class MachinePartTest extends PartTest {
    MachinePartTest() {
        super(new MachinePart());
    }

    @Test
    void namesTheDomainForPeopleAndIdentifiesItByUuid() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.TCG))
                .contains("<name>lab.sample</name>", "<uuid>5e5d3c2e-0c44-4fb0-9d0f-3f6f7e0a1b2c</uuid>");
    }

    @Test
    void isTheGivenMachine() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.TCG))
                .contains("<type arch=\"x86_64\" machine=\"pc-q35-7.2\">hvm</type>");
    }

    @Test
    void goesAwayWhenItEndsButNotWhenItReboots() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.TCG))
                .contains(
                        "<on_poweroff>destroy</on_poweroff>",
                        "<on_reboot>restart</on_reboot>",
                        "<on_crash>destroy</on_crash>");
    }

    @Test
    void offersNoSleep() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.TCG))
                .contains("<suspend-to-mem enabled=\"no\"/>", "<suspend-to-disk enabled=\"no\"/>");
    }
}
