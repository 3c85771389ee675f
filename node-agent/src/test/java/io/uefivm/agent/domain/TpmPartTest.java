package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TpmPartTest extends PartTest {
    TpmPartTest() {
        super(new TpmPart());
    }

    @Test
    void keepsItsStateWhenTheDomainEnds() {
        assertThatPartOf("", Accelerator.KVM).isEqualTo("""
                        <tpm model="tpm-crb">
                          <backend type="emulator" version="2.0" persistent_state="yes"/>
                        </tpm>
                        """);
    }

    @Test
    void canBeLeftOut() {
        assertThat(render(small("tpm: {enabled: false}", Accelerator.KVM))).isEmpty();
    }
}
