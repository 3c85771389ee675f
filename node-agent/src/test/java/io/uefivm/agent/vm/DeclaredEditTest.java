package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.declared.Declaration;
import io.uefivm.agent.declared.DeclaredContent;
import io.uefivm.agent.nvram.StoreEdit;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeclaredEditTest {
    private static final byte[] STORE = EmptyStore.of(StoreSize.M4).toBytes();

    private static DeclaredEdit edit(String firmware, String applied) throws Exception {
        var vm = Serialization.unmarshal("""
                metadata: {name: vm, namespace: default, uid: u}
                spec:
                  firmware: %s
                  disks:
                  - {name: root, persistentVolumeClaim: {claimName: root}}
                status:
                  firmware: %s
                  identity:
                    uuid: 11111111-2222-3333-4444-555555555555
                    slots: [{name: root, bus: pci, number: 0}]
                """.formatted(firmware, applied), UefiVirtualMachine.class);
        return new DeclaredEdit(vm, Declaration.of(vm.getSpec().firmware(), new DeclaredContent(Map.of())));
    }

    private static BootConfiguration boot(StoreEdit.Edited edited) {
        return BootConfiguration.of(VarStore.parse(edited.vars()));
    }

    @Test
    void whatIsAsItShouldBeKeepsEveryByte() throws Exception {
        StoreEdit.Edited edited = edit("{}", "{}").apply(STORE);

        assertThat(edited.vars()).isSameAs(STORE);
        assertThat(edited.changes()).isEmpty();
        assertThat(edited.bootNext()).isNull();
    }

    @Test
    void aDiskIsBootedOnceByItsPlace() throws Exception {
        DeclaredEdit edit = edit("{bootNext: root}", "{}");
        StoreEdit.Edited edited = edit.apply(STORE);

        assertThat(edited.bootNext()).isEqualTo("root");
        assertThat(edit.recordAfter(edited)).isEqualTo("root");
        assertThat(boot(edited).next()).hasValue(0);
        assertThat(boot(edited).entries().get(0).option().path().text())
                .isEqualTo("PciRoot(0x0)/Pci(0x3,0x0)/Pci(0x0,0x0)");
        assertThat(edit.notes(edited)).extracting(Note::warning).containsExactly(false);
    }

    @Test
    void whatWasBootedOnceIsNotBootedAgain() throws Exception {
        DeclaredEdit edit = edit("{bootNext: root}", "{bootNext: root}");
        StoreEdit.Edited edited = edit.apply(STORE);

        assertThat(edited.vars()).isSameAs(STORE);
        assertThat(edit.recordAfter(edited)).isEqualTo("root");
        assertThat(edit("{bootNext: Setup}", "{bootNext: root}").apply(STORE).bootNext())
                .isEqualTo("Setup");
        assertThat(edit("{}", "{bootNext: root}").recordAfter(edited))
                .as("forgotten")
                .isNull();
    }

    @Test
    void whatTheVmDoesNotHaveIsSaidAndTriedAgain() throws Exception {
        for (String wish : new String[] {"gone", "Network", "HTTP"}) {
            DeclaredEdit edit = edit("{bootNext: " + wish + "}", "{}");
            StoreEdit.Edited edited = edit.apply(STORE);

            assertThat(edited.vars()).isSameAs(STORE);
            assertThat(edit.recordAfter(edited)).isNull();
            assertThat(edit.notes(edited)).singleElement().satisfies(note -> {
                assertThat(note.warning()).isTrue();
                assertThat(note.reason()).isEqualTo(Reason.BootTargetNotFound);
                assertThat(note.message()).contains(wish, "no such disk or network");
            });
        }
    }
}
