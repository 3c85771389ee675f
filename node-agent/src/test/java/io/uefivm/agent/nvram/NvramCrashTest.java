package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.nvram.MemoryDisk.Killed;
import io.uefivm.agent.nvram.MemoryDisk.Unsynced;
import io.uefivm.agent.volume.PathException.Kind;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever is interrupted wherever, by a kill or a power loss, the newest good state is found. */
class NvramCrashTest {

    /** A VM in some state and what is about to happen to it. */
    interface Act {
        void on(Vm vm) throws NvramException;
    }

    /** What has to be true of what survived. */
    interface Expectation {
        /** @param intact whether nothing was lost: only the process was killed */
        void of(Vm survivor, boolean intact) throws NvramException;
    }

    private static Vm vm() {
        return new Vm(new MemoryDisk());
    }

    /** Interrupts the act at each of its steps, in every way. */
    static void interruptEverywhere(Act before, Act act, Expectation expected) throws NvramException {
        int survivors = 0;
        for (int step = 1; ; step++) {
            Vm vm = vm();
            before.on(vm);
            vm.disk().killAt(step);
            boolean finished = false;
            try {
                act.on(vm);
                finished = true;
            } catch (Killed e) {
                assertThat(e).isNotNull();
            }
            for (int lost = 0; lost < vm.disk().cuts(); lost++) {
                for (Unsynced unsynced : Unsynced.values()) {
                    expected.of(
                            new Vm(vm.disk().afterPowerLoss(lost, unsynced)), lost == 0 && unsynced == Unsynced.KEPT);
                    survivors++;
                }
            }
            if (finished) {
                assertThat(step).as("steps that were interrupted").isGreaterThan(3);
                assertThat(survivors).isGreaterThan(step);
                return;
            }
        }
    }

    /** The state of an epoch, whole: never the variables of one time with the TPM of another. */
    private static int start(Vm vm, long epoch) throws NvramException {
        vm.prepare(epoch);
        int id = vm.varsId(epoch);
        assertThat(vm.tpmId(epoch)).isEqualTo(id);
        return id;
    }

    private static void goesOn(Vm vm, long epoch) throws NvramException {
        vm.state().markStarting(epoch);
        vm.write(epoch, 77);
        assertThat(vm.commit(epoch).changed()).isTrue();
        assertThat(start(vm, epoch + 1)).isEqualTo(77);
        assertThat(vm.names("epochs")).containsExactly(Long.toString(epoch + 1));
        assertThat(vm.names("generations")).noneMatch(n -> n.startsWith("."));
    }

    @Test
    void aCommitThatIsInterrupted() throws NvramException {
        Act before = vm -> {
            vm.history(3);
            vm.prepare(4);
            vm.state().markStarting(4);
            vm.disk().syncAll();
            vm.write(4, 4);
        };
        interruptEverywhere(before, vm -> vm.commit(4), (survivor, intact) -> {
            // QEMU and swtpm do not sync: a power loss may keep what one wrote and lose what the other wrote.
            survivor.prepare(5);
            assertThat(survivor.varsId(5)).isIn(intact ? Set.of(4) : Set.of(3, 4));
            assertThat(survivor.tpmId(5)).isIn(intact ? Set.of(4) : Set.of(3, 4));
            goesOn(survivor, 5);
        });
    }

    @Test
    void aCommitThatHasReturnedIsDurable() throws NvramException {
        Vm vm = vm().history(3).run(4, 4);
        vm.commit(4);
        for (int lost = 0; lost < vm.disk().cuts(); lost++) {
            for (Unsynced unsynced : Unsynced.values()) {
                Vm survivor = new Vm(vm.disk().afterPowerLoss(lost, unsynced));
                assertThat(start(survivor, 5)).isEqualTo(4);
            }
        }
    }

    @Test
    void aCommitThatIsMadeAgainAfterAnInterruption() throws NvramException {
        interruptEverywhere(vm -> vm.history(3).run(4, 4), vm -> vm.commit(4), (survivor, intact) -> {
            if (intact) {
                Commit.Done again = survivor.commit(4);
                assertThat(again.generation().epoch()).isEqualTo(4);
                assertThat(again.generation().number()).isEqualTo(5);
                assertThat(survivor.state().prepare(4, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                        .isInstanceOf(Preparation.Ended.class);
            }
        });
    }

    @Test
    void aStartAfterAnOrderlyEndThatIsInterrupted() throws NvramException {
        interruptEverywhere(vm -> vm.history(3), vm -> vm.prepare(4), (survivor, intact) -> {
            assertThat(start(survivor, 4)).isEqualTo(3);
            goesOn(survivor, 4);
        });
    }

    @Test
    void aStartAfterACrashThatIsInterrupted() throws NvramException {
        Act crashed = vm -> vm.history(3).run(4, 4).disk().syncAll();
        interruptEverywhere(crashed, vm -> vm.prepare(5), (survivor, intact) -> {
            assertThat(start(survivor, 5)).isEqualTo(4);
            goesOn(survivor, 5);
        });
        interruptEverywhere(crashed, vm -> vm.prepare(5), (survivor, intact) -> {
            assertThat(start(survivor, 6)).isEqualTo(4);
            goesOn(survivor, 6);
        });
    }

    @Test
    void aStartThatDropsAnEpochThatNeverRanAndIsInterrupted() throws NvramException {
        Act unused = vm -> {
            vm.history(3);
            vm.prepare(4);
            vm.disk().syncAll();
        };
        interruptEverywhere(unused, vm -> vm.prepare(5), NvramCrashTest::startsFromThreeWithoutAnythingRejected);
    }

    @Test
    void aCommitOfWhatDidNotChangeThatIsInterrupted() throws NvramException {
        interruptEverywhere(
                vm -> vm.history(3).run(4, 3).disk().syncAll(),
                vm -> vm.commit(4),
                NvramCrashTest::startsFromThreeWithoutAnythingRejected);
    }

    private static void startsFromThreeWithoutAnythingRejected(Vm survivor, boolean intact) throws NvramException {
        assertThat(start(survivor, 5)).isEqualTo(3);
        assertThat(survivor.names("rejected")).isEmpty();
        goesOn(survivor, 5);
    }

    @Test
    void aStartThatSetsBadStateAsideAndIsInterrupted() throws NvramException {
        byte[] bad = TestStore.vars(4);
        bad[17] ^= 1;
        Act torn = vm -> {
            vm.history(3).run(4, 4);
            vm.writeVars(4, bad);
            vm.disk().syncAll();
        };
        interruptEverywhere(torn, vm -> vm.prepare(5), (survivor, intact) -> {
            Preparation.Ready ready = survivor.prepare(5);
            assertThat(survivor.varsId(5)).isEqualTo(3);
            assertThat(ready.recovered()).isTrue();
            assertThat(ready.rejected()).containsExactly(new Rejected("epoch-4", 4, 0, "the seal is broken"));
            assertThat(survivor.read("uefivm", Vm.UID, "rejected", "epoch-4", "vars.fd"))
                    .isEqualTo(bad);
            goesOn(survivor, 5);
        });
    }

    @Test
    void theVeryFirstStartThatIsInterrupted() throws NvramException {
        interruptEverywhere(vm -> {}, vm -> vm.prepare(1), (survivor, intact) -> {
            survivor.prepare(1);
            assertThat(survivor.varsId(1)).isEqualTo(1000);
            survivor.state().markStarting(1);
            survivor.write(1, 1);
            survivor.commit(1);
            assertThat(start(survivor, 2)).isEqualTo(1);
        });
    }

    @Test
    void anEpochIsNeverStartedTwiceOnceItWasMarked() throws NvramException {
        interruptEverywhere(
                vm -> vm.prepare(1),
                vm -> vm.state().markStarting(1),
                (survivor, intact) -> assertThat(survivor.state().prepare(1, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                        .isInstanceOfAny(Preparation.Ready.class, Preparation.MayHaveRun.class));
        Vm marked = vm();
        marked.prepare(1);
        marked.state().markStarting(1);
        for (int lost = 0; lost < marked.disk().cuts(); lost++) {
            for (Unsynced unsynced : Unsynced.values()) {
                assertThat(new Vm(marked.disk().afterPowerLoss(lost, unsynced))
                                .state()
                                .prepare(1, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                        .isInstanceOf(Preparation.MayHaveRun.class);
            }
        }
    }

    @Test
    void aRefusalThatIsInterruptedIsARefusalOrACrashAndLosesNothing() throws NvramException {
        Act marked = vm -> {
            vm.history(3).prepare(4);
            vm.state().markStarting(4);
        };
        interruptEverywhere(marked, vm -> vm.state().markRefused(4), (survivor, intact) -> {
            assertThat(survivor.state().prepare(4, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                    .isInstanceOfAny(Preparation.Ready.class, Preparation.MayHaveRun.class);
            assertThat(start(survivor, 5)).isEqualTo(3);
            goesOn(survivor, 5);
        });
    }

    @Test
    void aFailingStorageLosesNothingAndSaysWhatIsWrong() throws NvramException {
        Map<Kind, Reason> reasons = Map.of(
                Kind.FAILED, Reason.NvramUnreadable,
                Kind.DENIED, Reason.NvramUnreadable,
                Kind.NO_SPACE, Reason.ClaimTooSmall,
                Kind.UNSAFE, Reason.ClaimUnsafe);
        for (Map.Entry<Kind, Reason> expected : reasons.entrySet()) {
            failEverywhere(
                    expected.getKey(),
                    expected.getValue(),
                    vm -> vm.state().prepare(5, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS));
            failEverywhere(
                    expected.getKey(), expected.getValue(), vm -> vm.state().commit(4, Vm.LIMIT));
        }
    }

    private static void failEverywhere(Kind kind, Reason reason, Act act) throws NvramException {
        for (int step = 1; ; step++) {
            Vm vm = vm().history(3).run(4, 4);
            vm.disk().failAt(step, kind);
            try {
                act.on(vm);
                assertThat(vm.disk().steps()).as("steps of the whole act").isLessThan(step);
                return;
            } catch (NvramException e) {
                assertThat(e.reason()).isEqualTo(reason);
            }
            vm.disk().healthy();
            assertThat(start(vm, 5)).isEqualTo(4);
            goesOn(vm, 5);
        }
    }

    @Test
    void aFullClaimIsNamedAndLosesNothing() throws NvramException {
        Vm vm = vm().history(2);
        vm.disk().capacity(vm.disk().used() + 1000);
        assertThatThrownBy(() -> vm.prepare(3))
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ClaimTooSmall))
                .hasMessageContaining("bytes are free")
                .hasMessageContaining("spec.nvram.storage.size");
        vm.disk().capacity(Long.MAX_VALUE);
        assertThat(start(vm, 3)).isEqualTo(2);
    }
}
