package io.uefivm.agent.domain;

import org.junit.jupiter.api.Test;

class CpuPartTest extends PartTest {
    private static final String DEVICE = "devices: [{name: gpu, pci: {address: '0000:01:00'}}]\n";

    CpuPartTest() {
        super(new CpuPart());
    }

    @Test
    void countsTheThreadsOfAllSockets() {
        assertThatPartOf("cpu: {sockets: 2, cores: 4, threads: 2}", Accelerator.KVM)
                .contains(
                        "<vcpu placement=\"static\">16</vcpu>", "<topology sockets=\"2\" cores=\"4\" threads=\"2\"/>");
    }

    @Test
    void isTheHostsModelByDefault() {
        assertThatPartOf("", Accelerator.KVM).contains("<cpu mode=\"host-model\" check=\"partial\">");
    }

    @Test
    void canMoveToAnEqualHostWithAllOfTheHosts() {
        assertThatPartOf("cpu: {model: host-passthrough}", Accelerator.KVM)
                .contains("<cpu mode=\"host-passthrough\" check=\"none\" migratable=\"on\">")
                .doesNotContain("maxphysaddr");
    }

    @Test
    void addressesWhatTheHostAddressesWhenADeviceHasBigBars() {
        assertThatPartOf(DEVICE + "cpu: {model: host-passthrough}", Accelerator.KVM)
                .contains("migratable=\"off\"", "<maxphysaddr mode=\"passthrough\"/>");
    }

    @Test
    void asksForTheWidthOfAddressesOnlyWhereLibvirtTakesIt() {
        assertThatPartOf(DEVICE, Accelerator.KVM).doesNotContain("maxphysaddr");
        assertThatPartOf(DEVICE + "cpu: {model: host-passthrough}", Accelerator.TCG)
                .doesNotContain("maxphysaddr");
    }

    @Test
    void isANamedModelAndNoOther() {
        assertThatPartOf("cpu: {model: EPYC-Milan}", Accelerator.KVM)
                .contains(
                        "<cpu mode=\"custom\" match=\"exact\" check=\"partial\">",
                        "<model fallback=\"forbid\">EPYC-Milan</model>");
    }

    @Test
    void isAllThatTheEmulatorCanDoWhereThereIsNoHostProcessorToTakeAfter() {
        assertThatPartOf("", Accelerator.TCG).contains("<cpu mode=\"maximum\" check=\"none\">");
        assertThatPartOf("cpu: {model: host-passthrough}", Accelerator.TCG)
                .contains("<cpu mode=\"maximum\" check=\"none\">");
    }

    @Test
    void isANamedModelAsFarAsTheEmulatorGoes() {
        assertThatPartOf("cpu: {model: EPYC-Milan}", Accelerator.TCG)
                .contains("check=\"none\"", "<model fallback=\"forbid\">EPYC-Milan</model>");
    }
}
