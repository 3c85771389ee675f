package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuestAgentPartTest extends PartTest {
    GuestAgentPartTest() {
        super(new GuestAgentPart());
    }

    @Test
    void hasTheChannelThatTheAgentLooksFor() {
        DomainInput input = SampleVms.minimalLinux(Accelerator.KVM);

        assertThatPartOf(input).contains("<target type=\"virtio\" name=\"org.qemu.guest_agent.0\"/>");
        assertThat(ports(input)).containsExactly(RootPorts.SERIAL);
    }
}
