package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirmwarePartTest extends PartTest {
    FirmwarePartTest() {
        super(new FirmwarePart());
    }

    @Test
    void letsOnlySmmWriteVariablesWhenTheBuildNeedsIt() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM))
                .contains(
                        "<loader readonly=\"yes\" type=\"pflash\" secure=\"yes\">/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>",
                        "<smm state=\"on\"/>");
    }

    @Test
    void hasNoSmmWhenTheBuildIsWithout() {
        assertThatPartOf(SampleVms.secureBootDisabled())
                .contains("secure=\"no\">/usr/share/OVMF/OVMF_CODE_4M.fd</loader>", "<smm state=\"off\"/>");
    }

    @Test
    void namesTheTemplateBesideTheVariables() {
        assertThatPartOf(SampleVms.minimalLinux(Accelerator.KVM))
                .contains("<nvram template=\"/usr/share/OVMF/OVMF_VARS_4M.ms.fd\">" + SampleVms.STATE
                        + "/nvram/vars.fd</nvram>");
    }

    @Test
    void mapsOneImageOfTheVmWritable() {
        assertThatPartOf(SampleVms.combined())
                .contains("<loader readonly=\"no\" type=\"pflash\" secure=\"yes\">" + SampleVms.STATE
                        + "/nvram/vars.fd</loader>")
                .doesNotContain("<nvram", "/usr/share/OVMF");
    }

    @Test
    void mapsTheCodeAloneWhenNothingIsKept() {
        assertThatPartOf(SampleVms.stateless())
                .contains(
                        "readonly=\"yes\" type=\"pflash\" secure=\"no\" stateless=\"yes\"", "OVMF_CODE_4M.fd</loader>")
                .doesNotContain("<nvram");
    }

    @Test
    void leavesMoreMemoryToSmmInABigMachine() {
        assertThatPartOf(SampleVms.vm("memory: {size: 2Ti}", Accelerator.KVM))
                .contains("<smm state=\"on\">", "<tseg unit=\"MiB\">24</tseg>");
    }

    @ParameterizedTest
    @CsvSource({
        "0.125, 1, 16",
        "1024, 64, 16",
        "1024.5, 64, 24",
        "2048, 64, 24",
        "4096, 64, 40",
        "4096, 255, 64",
        "16, 99, 16",
        "16, 100, 40",
        "16384, 288, 160"
    })
    void growsSmmMemoryWithMemoryAndCpus(double gibibytes, int cpus, int tsegMib) {
        assertThat(FirmwarePart.tsegMib((long) (gibibytes * (1L << 30)), cpus)).isEqualTo(tsegMib);
    }
}
