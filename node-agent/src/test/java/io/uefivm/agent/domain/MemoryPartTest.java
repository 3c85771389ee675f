package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryPartTest extends PartTest {
    MemoryPartTest() {
        super(new MemoryPart());
    }

    @Test
    void isGivenInKibibytesRoundedUp() {
        assertThatPartOf(SampleVms.vm("memory: {size: '134217729'}", Accelerator.KVM))
                .isEqualTo("<memory unit=\"KiB\">131073</memory>\n");
    }

    @Test
    void comesFromHugePagesOfTheAskedSize() {
        assertThatPartOf(SampleVms.vm("memory: {size: 1Gi, hugepages: {pageSize: 2Mi}}", Accelerator.KVM))
                .contains("<page size=\"2048\" unit=\"KiB\"/>");
        assertThatPartOf(SampleVms.vm("memory: {size: 1Gi, hugepages: {pageSize: 1Gi}}", Accelerator.KVM))
                .contains("<page size=\"1048576\" unit=\"KiB\"/>");
    }

    @Test
    void doesNotFillHugePagesInPart() {
        DomainInput input = SampleVms.vm("memory: {size: 1500Mi, hugepages: {pageSize: 1Gi}}", Accelerator.KVM);

        assertThatThrownBy(() -> render(input))
                .isInstanceOf(UnsupportedSpecException.class)
                .hasMessage("spec.memory.size: is no multiple of hugepages.pageSize 1Gi, so that QEMU cannot take it"
                        + " from huge pages; round it up");
    }
}
