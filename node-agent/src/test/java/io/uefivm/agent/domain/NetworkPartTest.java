package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NetworkPartTest extends PartTest {
    NetworkPartTest() {
        super(new NetworkPart());
    }

    @Test
    void isPluggedIntoABridge() {
        assertThatPartOf("networks: [{name: lan, bridge: {name: br0}}]", Accelerator.KVM)
                .isEqualTo("""
                        <interface type="bridge">
                          <source bridge="br0"/>
                          <mac address="52:54:00:00:00:01"/>
                          <model type="virtio"/>
                          <boot order="1"/>
                          <rom enabled="no"/>
                          <address type="pci" domain="0x0000" bus="0x09" slot="0x00" function="0x0"/>
                        </interface>
                        """);
    }

    @Test
    void isPluggedIntoANetworkOfLibvirt() {
        assertThatPartOf("networks: [{name: lan, libvirtNetwork: {name: default}}]", Accelerator.KVM)
                .contains("<interface type=\"network\">", "<source network=\"default\"/>");
    }

    @Test
    void goesOutThroughQemu() {
        assertThatPartOf("networks: [{name: lan, user: {}}]", Accelerator.KVM)
                .contains("<interface type=\"user\">")
                .doesNotContain("<source");
    }

    @Test
    void keepsTheOptionRomThatIsTheOnlyUefiDriverOfE1000e() {
        assertThatPartOf("networks: [{name: lan, user: {}, model: e1000e}]", Accelerator.KVM)
                .contains("<model type=\"e1000e\"/>")
                .doesNotContain("<rom");
    }

    @Test
    void givesEachCardItsOwnAddressAndPort() {
        DomainInput input = small("networks: [{name: lan, user: {}}, {name: wan, user: {}}]", Accelerator.KVM);

        assertThatPartOf(input).contains("52:54:00:00:00:01", "52:54:00:00:00:02");
        assertThat(ports(input)).containsExactly(9, 10);
    }
}
