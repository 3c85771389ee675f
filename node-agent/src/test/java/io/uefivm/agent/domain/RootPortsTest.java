package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RootPortsTest {
    @Test
    void hasEightToSpareAboveTheHighest() {
        assertThat(ports(new RootPorts(11)))
                .extracting(port -> port.attributes().get("index"))
                .hasSize(11 + 8)
                .startsWith("1")
                .endsWith("19");
    }

    @Test
    void hasThoseOfTheMachineItselfWithoutAnyDevice() {
        assertThat(ports(new RootPorts(RootPorts.BALLOON))).hasSize(8 + 8);
    }

    @Test
    void givesAPortTheSameAddressHoweverManyThereAre() {
        List<Element> few = ports(new RootPorts(9));

        assertThat(ports(new RootPorts(70))).startsWith(few.toArray(Element[]::new));
        assertThat(address(few.get(0)))
                .containsEntry("slot", "0x02")
                .containsEntry("function", "0x0")
                .containsEntry("multifunction", "on");
        assertThat(address(few.get(8))).containsEntry("slot", "0x03").containsEntry("function", "0x0");
        assertThat(address(few.get(9)))
                .containsEntry("slot", "0x03")
                .containsEntry("function", "0x1")
                .doesNotContainKey("multifunction");
    }

    private static Map<String, String> address(Element port) {
        return port.children().get(0).attributes();
    }

    private static List<Element> ports(RootPorts ports) {
        return ports.controllers().stream()
                .map(Fragment::element)
                .filter(element -> "pcie-root-port".equals(element.attributes().get("model")))
                .toList();
    }
}
