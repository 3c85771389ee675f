package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.nvram.MemoryDisk.Unsynced;
import io.uefivm.api.v1alpha1.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A store on its way from the generation into the epoch's own file. */
class StoreEditTest {
    /** Adds one to the store's id, so that a second time would show. */
    private static final StoreEdit INCREMENT = vars ->
            new StoreEdit.Edited(TestStore.vars(TestStore.id(vars) + 1), List.of("the id was incremented"), "setup");

    private static Preparation.Ready prepare(Vm vm, long epoch) throws NvramException {
        return (Preparation.Ready) vm.state().prepare(epoch, Vm.INITIAL, INCREMENT, Vm.TERMS);
    }

    private final Vm vm = new Vm(new MemoryDisk());

    @Test
    void theEpochHasItAndTheGenerationHasNot() throws NvramException {
        vm.history(2);
        Preparation.Ready ready = prepare(vm, 3);

        assertThat(ready.edited().changes()).containsExactly("the id was incremented");
        assertThat(TestStore.id(ready.vars())).isEqualTo(3);
        assertThat(vm.varsId(3)).isEqualTo(3);
        assertThat(vm.tpmId(3)).as("the TPM is left alone").isEqualTo(2);
        assertThat(vm.state().history().get(0).generation()).isEqualTo(ready.base());
        assertThat(vm.prepare(4).vars()).as("the generation").isEqualTo(TestStore.vars(2));
    }

    @Test
    void preparingAgainDoesItOnce() throws NvramException {
        vm.history(2);
        prepare(vm, 3);
        prepare(vm, 3);

        assertThat(vm.varsId(3)).isEqualTo(3);
        assertThat(vm.state().bootNext(3)).contains("setup");
    }

    @Test
    void whatWasBootedOnceIsKnownUntilTheNextStart() throws NvramException {
        prepare(vm, 1);
        vm.state().markStarting(1);
        assertThat(vm.state().bootNext(1)).contains("setup");
        vm.commit(1);

        assertThat(vm.state().bootNext(1)).contains("setup");
        assertThat(vm.state().bootNext(2)).isEmpty();
    }

    @Test
    void theDomainsChangeOfItIsCommittedAsAnyOther() throws NvramException {
        prepare(vm, 1);
        vm.state().markStarting(1);

        assertThat(TestStore.id(vm.commit(1).vars())).isEqualTo(1001);
    }

    @Test
    void anEditThatCannotBeMadePreparesNothing() throws NvramException {
        vm.history(1);
        StoreEdit refused = vars -> {
            throw NvramException.storeFull("too much");
        };

        assertThatThrownBy(() -> vm.state().prepare(2, Vm.INITIAL, refused, Vm.TERMS))
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NvramFull));
        assertThat(vm.names("epochs")).doesNotContain("2");
        assertThat(vm.prepare(2).base().epoch()).isEqualTo(1);
    }

    /** Whatever an interruption leaves of a start, the next one edits the generation, and that once. */
    @Test
    void anInterruptedStartIsMadeAgain() throws NvramException {
        for (int step = 1; ; step++) {
            Vm interrupted = new Vm(new MemoryDisk()).history(2);
            interrupted.disk().killAt(step);
            boolean finished = false;
            try {
                prepare(interrupted, 3);
                finished = true;
            } catch (MemoryDisk.Killed e) {
                assertThat(e).isNotNull();
            }
            for (int lost = 0; lost < interrupted.disk().cuts(); lost++) {
                for (Unsynced unsynced : Unsynced.values()) {
                    Vm survivor = new Vm(interrupted.disk().afterPowerLoss(lost, unsynced));
                    prepare(survivor, 3);
                    assertThat(survivor.varsId(3)).isEqualTo(3);
                }
            }
            if (finished) {
                assertThat(step).isGreaterThan(3);
                return;
            }
        }
    }
}
