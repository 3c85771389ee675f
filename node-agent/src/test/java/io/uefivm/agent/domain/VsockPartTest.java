package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VsockPartTest extends PartTest {
    VsockPartTest() {
        super(new VsockPart());
    }

    @Test
    void hasAnAddressOfLibvirtsChoiceAndAPortOfItsOwn() {
        DomainInput input = small("vsock: {}", Accelerator.KVM);

        assertThatPartOf(input).contains("<vsock model=\"virtio\">", "<cid auto=\"yes\"/>");
        assertThat(ports(input)).containsExactly(RootPorts.VSOCK);
    }

    @Test
    void isNotThereUnlessAskedFor() {
        assertThatPartOf("", Accelerator.KVM).isEmpty();
    }
}
