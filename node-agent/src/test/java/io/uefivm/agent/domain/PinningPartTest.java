package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PinningPartTest {
    private static DomainInput on(Accelerator accelerator, List<Integer> cpus, Optional<Pinning.Memory> memory) {
        return SampleVms.vm("---\n{cpu: {cores: 2, dedicated: true}, memory: {size: 1Gi}}", accelerator)
                .within(new HostShare(Optional.empty(), Optional.of(new Pinning(cpus, memory))));
    }

    @Test
    void givesEachVirtualCpuItsOwnAndTheEmulatorAll() {
        assertThat(DomainXml.render(on(Accelerator.KVM, List.of(7, 3), Optional.empty())))
                .contains(
                        "<vcpu placement=\"static\" cpuset=\"3,7\">2</vcpu>",
                        "<vcpupin vcpu=\"0\" cpuset=\"7\"/>",
                        "<vcpupin vcpu=\"1\" cpuset=\"3\"/>",
                        "<emulatorpin cpuset=\"3,7\"/>")
                .doesNotContain("numatune");
    }

    @Test
    void holdsAnEmulatedGuestToItsProcessorsAsAWhole() {
        assertThat(DomainXml.render(on(Accelerator.TCG, List.of(3, 7), Optional.empty())))
                .contains("cpuset=\"3,7\">2</vcpu>")
                .doesNotContain("cputune");
    }

    @Test
    void memoryBesideTheProcessorsIsAWishAndABindingOneADemand() {
        assertThat(DomainXml.render(
                        on(Accelerator.KVM, List.of(3, 7), Optional.of(new Pinning.Memory(List.of(1), false)))))
                .contains("<memory mode=\"preferred\" nodeset=\"1\"/>");
        assertThat(DomainXml.render(
                        on(Accelerator.KVM, List.of(3, 7), Optional.of(new Pinning.Memory(List.of(1, 0), true)))))
                .contains("<memory mode=\"strict\" nodeset=\"0,1\"/>");
    }

    @Test
    void everyVirtualCpuNeedsAProcessor() {
        assertThatThrownBy(() -> DomainXml.render(on(Accelerator.KVM, List.of(3), Optional.empty())))
                .hasMessageContaining("1 processors for 2 virtual CPUs");
    }
}
