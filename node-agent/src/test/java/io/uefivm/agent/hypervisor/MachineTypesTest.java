package io.uefivm.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTypesTest {
    @Test
    void versionedQ35TypesNewestFirst() {
        String capabilities = """
                <machine maxCpus='255'>pc-i440fx-7.2</machine>
                <machine maxCpus='288'>pc-q35-2.12</machine>
                <machine maxCpus='288' canonical='pc-q35-10.0'>q35</machine>
                <machine maxCpus='288'>pc-q35-10.0</machine>
                <machine maxCpus='288'>pc-q35-4.0</machine>
                <machine maxCpus='288'>pc-q35-4.0.1</machine>
                <machine maxCpus='288'>pc-q35-9.2</machine>
                """;

        assertThat(MachineTypes.q35(capabilities))
                .containsExactly("pc-q35-10.0", "pc-q35-9.2", "pc-q35-4.0.1", "pc-q35-4.0", "pc-q35-2.12");
    }
}
