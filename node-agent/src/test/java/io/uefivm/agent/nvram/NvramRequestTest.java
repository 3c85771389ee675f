package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.Reason;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked of a store is done once, and is a generation of its own. */
class NvramRequestTest {
    private final Vm vm = new Vm(new MemoryDisk());

    /** In these stores the keys are the id itself: the result shows both ids. */
    static final StoreTransfer KEYS = (store, keys) -> TestStore.vars(100 * TestStore.id(store) + TestStore.id(keys));

    static Terms asking(String token, NvramAction action, @Nullable Long generation, CorruptionPolicy policy) {
        return new Terms(Vm.LIMIT, policy, Optional.of(new Request(new NvramRequest(token, action, generation), KEYS)));
    }

    static Terms asking(String token, NvramAction action) {
        return asking(token, action, null, CorruptionPolicy.Recover);
    }

    static Terms restore(long generation) {
        return asking("r", NvramAction.Restore, generation, CorruptionPolicy.Recover);
    }

    private static Preparation.Ready prepare(Vm vm, long epoch, Terms terms) throws NvramException {
        return (Preparation.Ready) vm.state().prepare(epoch, Vm.INITIAL, StoreEdit.NONE, terms);
    }

    private Preparation.Ready prepare(long epoch, Terms terms) throws NvramException {
        return prepare(vm, epoch, terms);
    }

    private static Asked done(Preparation.Ready ready) {
        return ready.answer()
                .filter(Answer.Done.class::isInstance)
                .map(answer -> ((Answer.Done) answer).asked())
                .orElseThrow(() -> new AssertionError(ready.answer().toString()));
    }

    @Test
    void aRestoreBringsBackVariablesAndTpmAndKeepsWhatWasThere() throws NvramException {
        vm.history(3);
        Preparation.Ready ready = prepare(4, restore(2));

        assertThat(done(ready)).isEqualTo(new Asked("r", NvramAction.Restore, 5, 2L, "2026-05-01T10:00:00Z"));
        assertThat(ready.base().basis()).isEqualTo(Generation.Basis.Requested);
        assertThat(ready.base().base()).isEqualTo(2);
        assertThat(ready.recovered()).isFalse();
        assertThat(vm.varsId(4)).isEqualTo(1);
        assertThat(vm.tpmId(4)).isEqualTo(1);
        assertThat(ready.history())
                .extracting(kept -> kept.generation().number())
                .containsExactly(5L, 4L, 3L, 2L);
        assertThat(ready.history()).allMatch(kept -> kept.bytes() > 100);
    }

    @Test
    void aGenerationWithoutTpmStateLeavesTheTpmAsItIs() throws NvramException {
        vm.history(2);
        prepare(3, restore(1));

        assertThat(vm.varsId(3)).isEqualTo(1000);
        assertThat(vm.tpmId(3)).isEqualTo(2);
    }

    @Test
    void aFactoryResetMakesANewStoreAndLeavesTheTpmAsItIs() throws NvramException {
        vm.history(2);
        Preparation.Ready ready = prepare(3, asking("f", NvramAction.FactoryReset));

        assertThat(done(ready).generation()).isEqualTo(4);
        assertThat(vm.varsId(3)).isEqualTo(1000);
        assertThat(vm.tpmId(3)).isEqualTo(2);
    }

    @Test
    void keysAreEnrolledIntoTheStoreAndKeptInAReset() throws NvramException {
        vm.history(2);
        prepare(3, asking("e", NvramAction.EnrollKeys));
        assertThat(vm.varsId(3)).as("the keys of the spec in the VM's store").isEqualTo(100 * 2 + 1000);

        prepare(4, asking("k", NvramAction.ResetKeepingKeys));
        assertThat(vm.varsId(4)).as("the VM's keys in a new store").isEqualTo(100 * 1000 + 1200);
        assertThat(vm.tpmId(4)).isEqualTo(2);
    }

    @Test
    void aTokenIsCarriedOutOnceEvenWhenNobodyCouldSaySo() throws NvramException {
        vm.history(2);
        Terms terms = asking("f", NvramAction.FactoryReset);
        Asked first = done(prepare(3, terms));
        assertThat(done(prepare(3, terms))).as("the same start again").isEqualTo(first);
        vm.state().markStarting(3);
        vm.write(3, 33);
        vm.commit(3);
        for (int epoch = 4; epoch < 14; epoch++) {
            Preparation.Ready again = prepare(epoch, terms);
            assertThat(done(again)).isEqualTo(first);
            assertThat(vm.varsId(epoch)).isEqualTo(epoch == 4 ? 33 : epoch - 1);
            vm.state().markStarting(epoch);
            vm.write(epoch, epoch);
            vm.commit(epoch);
        }
    }

    @Test
    void aTokenThatComesBackFromAnOldRevisionIsRefused() throws NvramException {
        vm.history(1);
        prepare(2, asking("first", NvramAction.FactoryReset));
        prepare(3, asking("second", NvramAction.EnrollKeys));
        int before = vm.varsId(3);
        Preparation.Ready ready = prepare(4, asking("first", NvramAction.FactoryReset));

        assertThat(ready.answer().orElseThrow())
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.why()).contains("The token first was carried out before"));
        assertThat(vm.varsId(4)).isEqualTo(before);
    }

    @Test
    void whatCannotBeDoneIsRefusedAndTheVmStartsAsItIs() throws NvramException {
        vm.history(2);
        vm.disk().overwrite(new byte[10], "uefivm", Vm.UID, "generations", vm.file(2));
        assertThat(refusal(prepare(3, restore(9)))).contains("Generation 9 is not kept any more");
        assertThat(refusal(prepare(4, restore(2)))).contains("Generation 2 is damaged");
        Terms noKeys = new Terms(
                Vm.LIMIT,
                CorruptionPolicy.Recover,
                Optional.of(new Request(new NvramRequest("e", NvramAction.EnrollKeys, null), (store, keys) -> {
                    throw new RefusedException("no keys here");
                })));
        assertThat(refusal(prepare(5, noKeys))).isEqualTo("no keys here");
        assertThat(vm.varsId(5)).isEqualTo(2);
        assertThat(vm.names("rejected")).isEmpty();
    }

    private static String refusal(Preparation.Ready ready) {
        return ((Answer.Refused) ready.answer().orElseThrow()).why();
    }

    @Test
    void firmwareOfAnotherSizeIsReachedByAResetAndNotByARestore() throws NvramException {
        vm.history(2);
        Initial larger = new Initial(TestStore.vars(7, 2 * TestStore.SIZE), "sha256:large");

        assertThatThrownBy(() -> vm.state().prepare(3, larger, StoreEdit.NONE, restore(2)))
                .isInstanceOfSatisfying(NvramException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.NvramWrongSize);
                    assertThat(e.refused()).isPresent();
                })
                .hasMessageContaining("The request was refused: Generation 2 has 4096 bytes");
        assertThatThrownBy(
                        () -> vm.state().prepare(3, larger, StoreEdit.NONE, asking("k", NvramAction.ResetKeepingKeys)))
                .isInstanceOfSatisfying(
                        NvramException.class,
                        e -> assertThat(e.refused()).as("it waits").isEmpty());
        Preparation.Ready ready = (Preparation.Ready)
                vm.state().prepare(3, larger, StoreEdit.NONE, asking("f", NvramAction.FactoryReset));
        assertThat(ready.vars()).isEqualTo(larger.vars());
    }

    @Test
    void firmwareOfAnotherSizeIsReachedByAConversionOnce() throws NvramException {
        vm.history(2);
        Initial larger = new Initial(TestStore.vars(7, 2 * TestStore.SIZE), "sha256:large");
        Terms convert = new Terms(
                Vm.LIMIT,
                CorruptionPolicy.Recover,
                Optional.of(new Request(
                        new NvramRequest("c", NvramAction.Convert, null),
                        (store, from) -> TestStore.vars(TestStore.id(from), store.length))));

        Preparation.Ready ready = (Preparation.Ready) vm.state().prepare(3, larger, StoreEdit.NONE, convert);

        assertThat(ready.vars()).isEqualTo(TestStore.vars(2, 2 * TestStore.SIZE));
        assertThat(vm.tpmId(3)).isEqualTo(2);
        assertThat(done(ready).generation()).isEqualTo(4);
        assertThat(ready.history())
                .as("the store of before is kept")
                .anyMatch(kept -> kept.generation().size() == TestStore.SIZE);
        assertThat(done((Preparation.Ready) vm.state().prepare(4, larger, StoreEdit.NONE, convert)))
                .isEqualTo(done(ready));
    }

    @Test
    void aConversionDoesNotDecideAboutDamage() throws NvramException {
        vm.history(2).run(3, 33).writeVars(3, new byte[100]);
        Terms convert = asking("c", NvramAction.Convert, null, CorruptionPolicy.Refuse);
        assertThatThrownBy(() -> vm.state().prepare(4, Vm.INITIAL, StoreEdit.NONE, convert))
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NvramUnreadable));
    }

    @Test
    void whenNothingIsGoodAFactoryResetIsTheWayOut() throws NvramException {
        vm.history(2);
        for (String name : vm.names("generations")) {
            vm.disk().overwrite(new byte[10], "uefivm", Vm.UID, "generations", name);
        }
        for (Terms others : List.of(Vm.TERMS, asking("e", NvramAction.EnrollKeys), restore(2))) {
            assertThatThrownBy(() -> vm.state().prepare(3, Vm.INITIAL, StoreEdit.NONE, others))
                    .isInstanceOf(NvramException.class)
                    .hasMessageContaining("No state of this VM's NVRAM can be used")
                    .hasMessageContaining("FactoryReset");
        }
        Preparation.Ready ready = prepare(3, asking("f", NvramAction.FactoryReset));

        assertThat(vm.varsId(3)).isEqualTo(1000);
        assertThat(ready.rejected()).as("kept and named").hasSize(3);
        assertThat(ready.base().number()).as("a number is never used twice").isEqualTo(4);
        vm.state().markStarting(3);
        vm.write(3, 33);
        vm.commit(3);
        assertThat(vm.prepare(4).recovered()).isFalse();
        assertThat(vm.varsId(4)).isEqualTo(33);
    }

    @Test
    void aPolicyThatRefusesWaitsForARestoreOrAReset() throws NvramException {
        vm.history(2).run(3, 33).writeVars(3, new byte[100]);
        Terms refusing = new Terms(Vm.LIMIT, CorruptionPolicy.Refuse, Optional.empty());
        Terms keys = asking("e", NvramAction.EnrollKeys, null, CorruptionPolicy.Refuse);
        for (Terms terms : List.of(refusing, refusing, keys)) {
            assertThatThrownBy(() -> vm.state().prepare(4, Vm.INITIAL, StoreEdit.NONE, terms))
                    .isInstanceOfSatisfying(NvramException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.NvramUnreadable);
                        assertThat(e.refused()).isEmpty();
                    })
                    .hasMessageContaining("epoch-3 (vars.fd has 100 bytes instead of 4096)")
                    .hasMessageContaining("uefivm/" + Vm.UID + "/rejected")
                    .hasMessageContaining("Restore with generation 3");
        }
        Preparation.Ready ready = prepare(5, asking("r", NvramAction.Restore, 3L, CorruptionPolicy.Refuse));

        assertThat(vm.varsId(5)).isEqualTo(2);
        assertThat(ready.rejected()).extracting(Rejected::name).containsExactly("epoch-3");
        assertThat(vm.state().prepare(6, Vm.INITIAL, StoreEdit.NONE, refusing))
                .as("decided for good")
                .isInstanceOf(Preparation.Ready.class);
    }

    @Test
    void aCrashAloneIsNotWhatThePolicyRefuses() throws NvramException {
        vm.history(2).run(3, 33);
        vm.state()
                .prepare(4, Vm.INITIAL, StoreEdit.NONE, new Terms(Vm.LIMIT, CorruptionPolicy.Refuse, Optional.empty()));
        assertThat(vm.varsId(4)).isEqualTo(33);
    }

    @Test
    void theEarlierStateSurvivesARequestEvenWithTheShortestHistory() throws NvramException {
        vm.history(2);
        prepare(
                3,
                new Terms(
                        1,
                        CorruptionPolicy.Recover,
                        asking("f", NvramAction.FactoryReset).request()));
        prepare(4, new Terms(1, CorruptionPolicy.Recover, restore(3).request()));
        assertThat(vm.varsId(4)).isEqualTo(2);
    }

    @Test
    void aRequestThatIsInterruptedAnywhereIsDoneOnce() throws NvramException {
        Terms terms = asking("k", NvramAction.ResetKeepingKeys);
        NvramCrashTest.interruptEverywhere(
                vm -> vm.history(2).run(3, 3).disk().syncAll(), vm -> prepare(vm, 4, terms), (survivor, intact) -> {
                    Asked asked = done(prepare(survivor, 5, terms));
                    assertThat(survivor.varsId(5)).as("applied once").isEqualTo(100 * 1000 + 3);
                    assertThat(survivor.tpmId(5)).isEqualTo(3);
                    survivor.state().markStarting(5);
                    survivor.write(5, 55);
                    survivor.commit(5);
                    assertThat(done(prepare(survivor, 6, terms))).isEqualTo(asked);
                    assertThat(survivor.varsId(6)).isEqualTo(55);
                });
    }
}
