package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BalloonPartTest extends PartTest {
    BalloonPartTest() {
        super(new BalloonPart());
    }

    @Test
    void isVirtioAndAsksForStatistics() {
        DomainInput input = SampleVms.minimalLinux(Accelerator.KVM);

        assertThatPartOf(input).contains("<memballoon model=\"virtio\">", "<stats period=\"10\"/>");
        assertThat(ports(input)).containsExactly(RootPorts.BALLOON);
    }

    @Test
    void isNoneWhereAllMemoryIsPinned() {
        DomainInput input = SampleVms.gpuWorkstation();

        assertThatPartOf(input).isEqualTo("<memballoon model=\"none\"/>\n");
        assertThat(ports(input)).isEmpty();
    }
}
