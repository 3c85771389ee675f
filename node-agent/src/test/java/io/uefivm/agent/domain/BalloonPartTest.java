package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BalloonPartTest extends PartTest {
    BalloonPartTest() {
        super(new BalloonPart());
    }

    @Test
    void isVirtio() {
        DomainInput input = SampleVms.minimalLinux(Accelerator.KVM);

        assertThatPartOf(input).isEqualTo("<memballoon model=\"virtio\"/>\n");
        assertThat(rootPorts(input)).isEqualTo(1);
    }

    @Test
    void isNoneWhereAllMemoryIsPinned() {
        DomainInput input = SampleVms.gpuWorkstation();

        assertThatPartOf(input).isEqualTo("<memballoon model=\"none\"/>\n");
        assertThat(rootPorts(input)).isZero();
    }
}
