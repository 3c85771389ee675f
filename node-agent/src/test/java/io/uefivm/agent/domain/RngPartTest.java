package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class RngPartTest extends PartTest {
    RngPartTest() {
        super(new RngPart());
    }

    @Test
    void takesTheHostsRandomNumbers() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM))
                .contains("<rng model=\"virtio\">", "<backend model=\"random\">/dev/urandom</backend>");
    }
}
