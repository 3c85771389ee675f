package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.TinyGuest;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.nvram.Initial;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.nvram.Preparation;
import io.uefivm.agent.nvram.StoreEdit;
import io.uefivm.agent.nvram.Terms;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the claim says of an epoch whose domain was refused. */
@SuppressWarnings("NullAway.Init")
class LaunchTest {
    private static final UUID VM = UUID.fromString("5f0e4b7c-0000-4000-8000-000000000001");
    private static final Initial INITIAL =
            new Initial(EmptyStore.of(StoreSize.ofFileLength(540_672)).toBytes(), "sha256:c0de");

    private static final Terms TERMS = new Terms(3, CorruptionPolicy.Recover, Optional.empty());

    @TempDir
    Path directory;

    private SafeDir claim;
    private NvramState state;
    private FakeHypervisor hypervisor;

    @BeforeEach
    void prepared() throws Exception {
        claim = SafeDir.trusted(directory);
        state = new NvramState(claim, VM.toString(), new EdkStoreCheck(), Clock.systemUTC());
        hypervisor = new FakeHypervisor(
                new HypervisorFacts("9.0.0", "7.2.0", List.of("pc-q35-7.2")), InstantSource.system());
        state.prepare(1, INITIAL, StoreEdit.NONE, TERMS);
        // libvirt has swtpm make its state before QEMU is there to fail.
        Files.writeString(directory.resolve("uefivm/" + VM + "/epochs/1/tpm/tpm2-00.permall"), "state");
    }

    @AfterEach
    void close() {
        hypervisor.close();
        claim.close();
    }

    @Test
    void aRefusedDomainLeavesNothingToRecoverFrom() throws Exception {
        hypervisor.refuseNextStart("no such bridge");
        assertThatThrownBy(() -> Launch.of(hypervisor, vm(), () -> hypervisor.start(xml(VM)), state, 1))
                .hasMessage("no such bridge");
        assertThat(recoveredByTheNextStart()).isFalse();
    }

    @Test
    void aDomainThatIsThereAllTheSameMayHaveWritten() throws Exception {
        hypervisor.start(xml(VM));
        assertThatThrownBy(() -> Launch.of(hypervisor, vm(), () -> hypervisor.start(xml(VM)), state, 1))
                .hasMessageContaining("already exists");
        assertThat(recoveredByTheNextStart()).isTrue();
    }

    @Test
    void aStartOfWhichNobodyKnowsMayHaveWritten() throws Exception {
        hypervisor.disconnect();
        assertThatThrownBy(() -> Launch.of(hypervisor, vm(), () -> hypervisor.start(xml(VM)), state, 1))
                .isInstanceOfSatisfying(
                        HypervisorException.class,
                        e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.UNAVAILABLE));
        assertThat(recoveredByTheNextStart()).isTrue();
    }

    private boolean recoveredByTheNextStart() throws Exception {
        Preparation next = state.prepare(2, INITIAL, StoreEdit.NONE, TERMS);
        assertThat(next).isInstanceOf(Preparation.Ready.class);
        return ((Preparation.Ready) next).recovered();
    }

    private static UefiVirtualMachine vm() {
        return Serialization.unmarshal("status: {identity: {uuid: %s}}".formatted(VM), UefiVirtualMachine.class);
    }

    private String xml(UUID uuid) {
        String owner = "<u:owner xmlns:u='%s' namespace='ns' name='web' uid='%s' epoch='1' pod='pod'/>"
                .formatted(DomainMetadata.NAMESPACE, VM);
        return TinyGuest.STUBBORN.xml(uuid.toString(), "ns.web", owner, directory);
    }
}
