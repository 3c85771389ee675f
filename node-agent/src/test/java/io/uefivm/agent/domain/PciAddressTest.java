package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PciAddressTest {
    @Test
    void readsTheKernelsNotation() {
        assertThat(PciAddress.parse("0000:0a:1f.7")).isEqualTo(new PciAddress(0, 0x0a, 0x1f, 7));
    }

    @Test
    void writesTheKernelsNotation() {
        assertThat(new PciAddress(1, 0xc3, 0, 2)).hasToString("0001:c3:00.2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01:00.0", "0000:01:00", "0000:01:20.0", "0000:01:00.8", "0000:01:00.0\n"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> PciAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("for example 0000:01:00.0");
    }

    @Test
    void refusesNumbersThatNoAddressHas() {
        assertThatThrownBy(() -> new PciAddress(0, 256, 0, 0)).hasMessage("PCI bus must be 0 to 255, not 256");
    }
}
