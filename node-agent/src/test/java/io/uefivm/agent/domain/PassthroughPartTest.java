package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PassthroughPartTest extends PartTest {
    PassthroughPartTest() {
        super(new PassthroughPart());
    }

    @Test
    void keepsTheFunctionsOfACardInOneSlot() {
        assertThatPartOf("devices: [{name: gpu, pci: {address: '0000:0a:00'}}]", Accelerator.KVM)
                .isEqualTo("""
                        <hostdev mode="subsystem" type="pci" managed="yes">
                          <driver name="vfio"/>
                          <source>
                            <address domain="0x0000" bus="0x0a" slot="0x00" function="0x0"/>
                          </source>
                          <address type="pci" domain="0x0000" bus="0x09" slot="0x00" function="0x0" multifunction="on"/>
                        </hostdev>
                        <hostdev mode="subsystem" type="pci" managed="yes">
                          <driver name="vfio"/>
                          <source>
                            <address domain="0x0000" bus="0x0a" slot="0x00" function="0x1"/>
                          </source>
                          <address type="pci" domain="0x0000" bus="0x09" slot="0x00" function="0x1"/>
                        </hostdev>
                        """);
    }

    @Test
    void givesTheNextDeviceTheNextPort() {
        assertThatPartOf(SampleVms.gpuWorkstation()).contains("bus=\"0x0b\"", "bus=\"0x0c\"");
    }

    @Test
    void makesAVirtualFunctionFunctionZeroOfItsPort() {
        DomainInput two = small("devices: [{name: nic, pci: {address: '0000:0a:02'}}]", Accelerator.KVM);
        var one = new DomainInput(
                two.owner(),
                two.identity(),
                two.spec(),
                two.accelerator(),
                two.machineType(),
                two.loader(),
                two.nvramPath(),
                two.disks(),
                Map.of("nic", new HostDevice("0000:0a:02.3", List.of(new PciAddress(0, 0x0a, 2, 3)), true, List.of())),
                two.consoleLogPath());

        assertThat(render(one)).hasSize(1);
        assertThatPartOf(one)
                .contains("slot=\"0x02\" function=\"0x3\"", "bus=\"0x09\" slot=\"0x00\" function=\"0x0\"")
                .doesNotContain("multifunction");
    }
}
