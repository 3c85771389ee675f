package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RootPortsTest {
    @Test
    void hasOneForEachDeviceAndEightToSpare() {
        assertThat(new RootPorts(5, 2).controllers())
                .filteredOn(fragment ->
                        "pcie-root-port".equals(fragment.element().attributes().get("model")))
                .extracting(fragment -> fragment.element().attributes().get("index"))
                .hasSize(5 + 8 + 2)
                .startsWith("1")
                .endsWith("15");
    }

    @Test
    void keepsTheLastOnesForPassedThroughSlots() {
        var ports = new RootPorts(5, 2);

        assertThat(ports.passthroughBus(0)).isEqualTo(14);
        assertThat(ports.passthroughBus(1)).isEqualTo(15);
    }
}
