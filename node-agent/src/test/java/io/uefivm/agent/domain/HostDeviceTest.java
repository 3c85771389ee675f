package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostDeviceTest {
    private static final PciAddress VGA = PciAddress.parse("0000:01:00.0");
    private static final PciAddress SOUND = PciAddress.parse("0000:01:00.1");

    private static HostDevice slot(PciAddress... functions) {
        return new HostDevice("0000:01:00", List.of(functions), false, List.of());
    }

    @Test
    void putsTheFunctionsOfASlotInOrder() {
        assertThat(slot(SOUND, VGA).functions()).containsExactly(VGA, SOUND);
    }

    @Test
    void isAWholeSlotOrNothing() {
        assertThatThrownBy(() -> slot()).hasMessageContaining("must have function 0");
        assertThatThrownBy(() -> slot(SOUND)).hasMessageContaining("must have function 0");
        assertThatThrownBy(() -> slot(VGA, PciAddress.parse("0000:02:00.1")))
                .hasMessageContaining("must be functions of one slot");
        assertThatThrownBy(() -> slot(VGA, VGA)).hasMessageContaining("names a function twice");
    }

    @Test
    void isOneFunctionWhereThatIsVirtual() {
        var virtual = new HostDevice("0000:01:00.1", List.of(SOUND), true, List.of());

        assertThat(virtual.guestFunction(SOUND)).isZero();
        assertThatThrownBy(() -> new HostDevice("x", List.of(VGA, SOUND), true, List.of()))
                .hasMessageContaining("must be one function");
    }
}
