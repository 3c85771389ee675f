package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainMetadataTest {
    private static final String OWNER =
            "<u:owner xmlns:u='https://uefivm.io/domain/1' namespace='n' name='vm' uid='u' epoch='3' pod='p'/>";

    @Test
    void readsBackWhatWasRendered() {
        DomainInput input = SampleVms.linuxServer();

        assertThat(DomainMetadata.parse(DomainXml.render(input))).contains(input.owner());
    }

    @Test
    void readsTheElementAlone() {
        assertThat(DomainMetadata.parse(OWNER)).contains(new DomainOwner("n", "vm", "u", 3, "p"));
    }

    @Test
    void findsNothingInTheDomainOfSomebodyElse() {
        assertThat(DomainMetadata.parse("<domain type='kvm'><name>theirs</name></domain>"))
                .isEmpty();
    }

    @Test
    void takesNoOtherNamespaceForItsOwn() {
        assertThat(DomainMetadata.parse(OWNER.replace("domain/1", "domain/2"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"namespace='n'", "name='vm'", "uid='u'", "epoch='3'", "pod='p'"})
    void doesNotGuessWhatIsMissing(String attribute) {
        assertThat(DomainMetadata.parse(OWNER.replace(" " + attribute, ""))).isEmpty();
    }

    @Test
    void takesNoEpochThatIsNoNumber() {
        assertThat(DomainMetadata.parse(OWNER.replace("epoch='3'", "epoch='three'")))
                .isEmpty();
    }

    @Test
    void refusesADocumentTypeAndReadsNoFileThroughIt() {
        String xml = "<!DOCTYPE u:owner [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
                + OWNER.replace("/>", ">&f;</u:owner>");

        assertThatThrownBy(() -> DomainMetadata.parse(xml)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesWhatIsNoXml() {
        assertThatThrownBy(() -> DomainMetadata.parse("not found"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be read");
    }
}
