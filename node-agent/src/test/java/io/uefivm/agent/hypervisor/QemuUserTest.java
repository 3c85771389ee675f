package io.uefivm.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QemuUserTest {
    private static final String NONE = "<secmodel><model>none</model><doi>0</doi></secmodel>";
    private static final String SELINUX = """
            <secmodel><model>selinux</model><doi>0</doi>
              <baselabel type='qemu'>system_u:system_r:svirt_tcg_t:s0</baselabel></secmodel>
            """;

    @Test
    void isTheOwnerThatLibvirtGivesFilesTo() {
        assertThat(QemuUser.of(SELINUX + """
                <secmodel>
                  <model>dac</model>
                  <doi>0</doi>
                  <baselabel type='kvm'>+1:+2</baselabel>
                  <baselabel type='qemu'>+64055:+108</baselabel>
                </secmodel>
                """)).contains(new QemuUser(64055, 108));
    }

    @Test
    void isNobodyWhereLibvirtChangesNoOwner() {
        assertThat(QemuUser.of(NONE + SELINUX)).isEmpty();
        assertThat(QemuUser.of("<secmodel><model>dac</model><doi>0</doi></secmodel>" + SELINUX))
                .isEmpty();
    }
}
