package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.api.v1alpha1.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NvramStateTest {

    private final Vm vm = new Vm(new MemoryDisk());

    @Test
    void aNewVmStartsFromTheFirmwaresStoreWhichIsItsFirstGeneration() throws NvramException {
        Preparation.Ready ready = vm.prepare(1);

        assertThat(ready.vars()).isEqualTo(Vm.INITIAL.vars());
        assertThat(ready.recovered()).isFalse();
        assertThat(ready.base().number()).isEqualTo(1);
        assertThat(ready.base().basis()).isEqualTo(Generation.Basis.Created);
        assertThat(ready.files().vars()).containsExactly("uefivm", Vm.UID, "epochs", "1", "vars.fd");
        assertThat(vm.read(Vm.path(1, "vars.fd"))).isEqualTo(Vm.INITIAL.vars());
    }

    @Test
    void aVmThatNeverRanGetsTheStoreOfAChangedSpec() throws NvramException {
        vm.prepare(1);
        byte[] other = TestStore.vars(2000, 2 * TestStore.SIZE);

        Preparation again = vm.state().prepare(2, new Initial(other, "sha256:other"), StoreEdit.NONE, Vm.TERMS);

        assertThat(again).isInstanceOfSatisfying(Preparation.Ready.class, r -> {
            assertThat(r.vars()).isEqualTo(other);
            assertThat(r.base().number()).isEqualTo(2);
        });
    }

    @Test
    void preparingAgainBeforeTheDomainRanGivesTheSame() throws NvramException {
        vm.history(2);
        Preparation.Ready first = vm.prepare(3);
        Preparation.Ready second = vm.prepare(3);

        assertThat(second.base()).isEqualTo(first.base());
        assertThat(second.vars()).isEqualTo(first.vars());
        assertThat(vm.names("epochs")).containsExactly("3");
    }

    @Test
    void anEpochStartsFromWhatTheOneBeforeCommitted() throws NvramException {
        vm.run(1, 11);
        Commit.Done done = vm.commit(1);

        assertThat(done.generation().number()).isEqualTo(2);
        assertThat(done.generation().epoch()).isEqualTo(1);
        assertThat(done.generation().basis()).isEqualTo(Generation.Basis.Ended);
        assertThat(done.generation().codeDigest()).isEqualTo("sha256:c0de");
        assertThat(done.generation().committedAt()).isEqualTo("2026-05-01T10:00:00Z");
        assertThat(done.generation().base()).isEqualTo(1);
        assertThat(vm.prepare(2).recovered()).isFalse();
        assertThat(vm.varsId(2)).isEqualTo(11);
        assertThat(vm.tpmId(2)).isEqualTo(11);
    }

    @Test
    void aCommittedEpochLeavesOnlyItsRecordUntilTheNextStart() throws NvramException {
        vm.run(1, 11).commit(1);
        assertThat(vm.names("epochs")).containsExactly("1");
        assertThat(vm.state().prepare(1, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS)).isInstanceOf(Preparation.Ended.class);
        assertThatThrownBy(() -> vm.read(Vm.path(1, "vars.fd"))).hasMessageContaining("does not exist");
    }

    @Test
    void whatDidNotChangeMakesNoGeneration() throws NvramException {
        vm.run(1, 11).commit(1);
        vm.run(2, 11);
        Commit.Done done = vm.commit(2);

        assertThat(done.changed()).isFalse();
        assertThat(done.generation().number()).isEqualTo(2);
        assertThat(vm.names("generations")).hasSize(2);
        assertThat(vm.state().prepare(2, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS)).isInstanceOf(Preparation.Ended.class);
        assertThat(vm.commit(2).generation()).isEqualTo(done.generation());
        vm.prepare(3);
        assertThat(vm.varsId(3)).isEqualTo(11);
    }

    @Test
    void aChangeOfTheTpmAloneMakesAGeneration() throws NvramException {
        vm.run(1, 11).commit(1);
        vm.run(2, 11).writeTpm(2, TestStore.tpm(12));
        assertThat(vm.commit(2).changed()).isTrue();
        vm.prepare(3);
        assertThat(vm.tpmId(3)).isEqualTo(12);
    }

    @Test
    void aCrashedEpochIsCommittedByTheNextStart() throws NvramException {
        vm.history(2).run(3, 33);
        Preparation.Ready ready = vm.prepare(4);

        assertThat(ready.recovered()).isTrue();
        assertThat(ready.rejected()).isEmpty();
        assertThat(ready.base().epoch()).isEqualTo(3);
        assertThat(ready.base().basis()).isEqualTo(Generation.Basis.Crashed);
        assertThat(vm.varsId(4)).isEqualTo(33);
        assertThat(vm.names("epochs")).containsExactly("4");
    }

    @Test
    void anEpochThatNeverRanIsNobodysBase() throws NvramException {
        vm.history(2);
        vm.prepare(3);
        assertThat(vm.state().commit(3, Vm.LIMIT)).isInstanceOf(Commit.NeverStarted.class);

        Preparation.Ready ready = vm.prepare(4);

        assertThat(ready.base().epoch()).isEqualTo(2);
        assertThat(ready.recovered()).isFalse();
        assertThat(vm.names("epochs")).containsExactly("4");
    }

    @Test
    void anEpochWhoseDomainWasRefusedIsNobodysBase() throws NvramException {
        vm.history(2);
        vm.prepare(3);
        vm.state().markStarting(3);
        vm.state().markRefused(3);
        assertThat(vm.state().commit(3, Vm.LIMIT)).isInstanceOf(Commit.NeverStarted.class);

        Preparation.Ready ready = vm.prepare(4);

        assertThat(ready.base().epoch()).isEqualTo(2);
        assertThat(ready.recovered()).isFalse();
    }

    @Test
    void aPendingWriteIsFinishedAndSaid() throws NvramException {
        vm.history(1).run(2, 22).writeVars(2, TestStore.pending(22));
        Commit.Done done = vm.commit(2);

        assertThat(done.generation().repair()).isEqualTo("a pending write was finished");
        vm.prepare(3);
        assertThat(vm.read(Vm.path(3, "vars.fd"))).isEqualTo(TestStore.vars(22));
    }

    @Test
    void aTruncatedStoreIsSetAsideAndTheStateBeforeIsUsed() throws NvramException {
        vm.history(2).run(3, 33).writeVars(3, new byte[100]);
        Commit commit = vm.state().commit(3, Vm.LIMIT);

        assertThat(commit)
                .isEqualTo(new Commit.Bad(new Rejected("epoch-3", 3, 0, "vars.fd has 100 bytes instead of 4096")));
        assertThat(vm.state().commit(3, Vm.LIMIT)).isEqualTo(commit);
        assertThat(vm.state().prepare(3, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS)).isInstanceOf(Preparation.Ended.class);
        Preparation.Ready ready = vm.prepare(4);
        assertThat(ready.recovered()).isTrue();
        assertThat(ready.rejected()).extracting(Rejected::name).containsExactly("epoch-3");
        assertThat(vm.varsId(4)).isEqualTo(2);
        assertThat(vm.tpmId(4)).isEqualTo(2);
        vm.state().markStarting(4);
        vm.write(4, 44);
        vm.commit(4);
        assertThat(vm.prepare(5).recovered()).as("once a newer state is good").isFalse();
    }

    @Test
    void aTornOrVanishedTpmStateIsBadTogetherWithItsVariables() throws NvramException {
        vm.history(2).run(3, 33).writeTpm(3, new byte[0]);
        assertThat(vm.state().commit(3, Vm.LIMIT))
                .isInstanceOfSatisfying(
                        Commit.Bad.class,
                        b -> assertThat(b.state().reason()).contains("tpm2-00.permall has only 0 bytes"));
        vm.run(4, 44).writeTpm(4, Arrays.copyOf(TestStore.tpm(44), 700));
        Preparation.Ready ready = vm.prepare(5);
        assertThat(ready.rejected())
                .extracting(Rejected::reason)
                .containsExactlyInAnyOrder(
                        "the TPM state tpm2-00.permall has only 0 bytes",
                        "the TPM state tpm2-00.permall has 700 bytes and says that it has 1300");
        assertThat(vm.varsId(5)).isEqualTo(2);
        assertThat(vm.tpmId(5)).isEqualTo(2);
    }

    @Test
    void aDamagedGenerationIsSetAsideAndTheOneBeforeIsUsed() throws NvramException {
        vm.history(3);
        byte[] archive = vm.read("uefivm", Vm.UID, "generations", "4-3.state");
        archive[archive.length / 3] ^= 0x55;
        vm.disk().overwrite(archive, "uefivm", Vm.UID, "generations", "4-3.state");

        Preparation.Ready ready = vm.prepare(4);

        assertThat(ready.recovered()).isTrue();
        assertThat(ready.base().number()).isEqualTo(3);
        assertThat(ready.rejected()).extracting(Rejected::name).containsExactly("4-3.state");
        assertThat(vm.varsId(4)).isEqualTo(2);
        assertThat(vm.read("uefivm", Vm.UID, "rejected", "4-3.state")).isEqualTo(archive);
        vm.state().markStarting(4);
        vm.write(4, 44);
        assertThat(vm.commit(4).generation().number())
                .as("a number is never used twice")
                .isEqualTo(5);
    }

    @Test
    void aGenerationThatTheCheckRefusesByNowIsSetAsideToo() throws NvramException {
        vm.history(3);
        StoreCheck strict = bytes -> TestStore.id(bytes) == 3
                ? new StoreCheck.Bad("known to be bad")
                : TestStore.check().check(bytes);
        NvramState state = new NvramState(vm.disk().root(), Vm.UID, strict, Clock.systemUTC());

        assertThat(state.prepare(4, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                .isInstanceOfSatisfying(Preparation.Ready.class, r -> {
                    assertThat(r.base().epoch()).isEqualTo(2);
                    assertThat(r.rejected()).containsExactly(new Rejected("4-3.state", 3, 4, "known to be bad"));
                });
    }

    @Test
    void stateThatIsAllBadIsNeverReplacedByANewStore() throws NvramException {
        vm.history(1);
        for (String name : vm.names("generations")) {
            vm.disk().overwrite(new byte[10], "uefivm", Vm.UID, "generations", name);
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> vm.state().prepare(2, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                    .isInstanceOfSatisfying(
                            NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NvramUnreadable))
                    .hasMessageContaining("2-1.state (it is not complete)")
                    .hasMessageContaining("1-0.state")
                    .hasMessageContaining("uefivm/" + Vm.UID + "/rejected");
        }
    }

    @Test
    void codeThatFollowsTheStoreIsOfTheEpochAloneAndNeverCommitted() throws NvramException {
        byte[] code = {1, 2, 3, 4};
        Initial image = new Initial(Vm.INITIAL.vars(), "sha256:c0de", code);
        Preparation.Ready ready = (Preparation.Ready) vm.state().prepare(1, image, StoreEdit.NONE, Vm.TERMS);
        assertThat(ready.vars()).isEqualTo(Vm.INITIAL.vars());
        assertThat(vm.read(Vm.path(1, "vars.fd")))
                .hasSize(TestStore.SIZE + code.length)
                .startsWith(Vm.INITIAL.vars())
                .endsWith(code);

        vm.state().markStarting(1);
        byte[] written = Arrays.copyOf(TestStore.vars(11), TestStore.SIZE + code.length);
        vm.writeVars(1, written);
        Commit.Done done = vm.commit(1);
        assertThat(done.vars()).isEqualTo(TestStore.vars(11));
        assertThat(done.generation().size()).isEqualTo(TestStore.SIZE);

        vm.prepare(2);
        assertThat(vm.read(Vm.path(2, "vars.fd")))
                .as("a start without the code goes on from the same variables")
                .isEqualTo(TestStore.vars(11));
    }

    @Test
    void anImageThatIsCutOffIsNoState() throws NvramException {
        Initial image = new Initial(Vm.INITIAL.vars(), "sha256:c0de", new byte[100]);
        vm.state().prepare(1, image, StoreEdit.NONE, Vm.TERMS);
        vm.state().markStarting(1);
        vm.writeVars(1, TestStore.vars(11));
        assertThat(vm.state().commit(1, Vm.LIMIT))
                .isInstanceOfSatisfying(
                        Commit.Bad.class,
                        bad -> assertThat(bad.state().reason()).contains("4096 bytes instead of 4196"));
    }

    @Test
    void firmwareOfAnotherSizeIsRefusedAndNothingIsTouched() throws NvramException {
        vm.history(2);
        Initial larger = new Initial(TestStore.vars(1, 2 * TestStore.SIZE), "sha256:large");

        assertThatThrownBy(() -> vm.state().prepare(3, larger, StoreEdit.NONE, Vm.TERMS))
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NvramWrongSize))
                .hasMessageContaining("has 4096 bytes")
                .hasMessageContaining("(sha256:large) has stores of 8192 bytes")
                .hasMessageContaining("made with, sha256:c0de: put its images on the host");
        assertThat(vm.names("rejected")).isEmpty();
        assertThat(vm.prepare(3).base().epoch()).isEqualTo(2);
    }

    @Test
    void aStaleEpochIsToldSoAndWhatItWroteIsNobodysBase() throws NvramException {
        vm.history(2).run(3, 33);
        vm.prepare(4);
        vm.state().markStarting(4);
        vm.write(4, 44);

        assertThat(vm.state().commit(3, Vm.LIMIT)).isEqualTo(new Commit.Stale(4));
        assertThat(vm.state().prepare(3, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS)).isEqualTo(new Preparation.Stale(4));
        vm.commit(4);
        assertThat(vm.state().commit(3, Vm.LIMIT)).isEqualTo(new Commit.Stale(4));
        vm.prepare(5);
        assertThat(vm.varsId(5)).isEqualTo(44);
    }

    @Test
    void aLateCommitOfAStaleEpochIsOlderThanEveryCommitOfALaterOne() throws NvramException {
        vm.history(1).run(2, 22);
        vm.run(3, 33).commit(3);
        // As if the stale agent had looked before the later epoch left its first trace.
        Content content = new Content(TestStore.vars(99), Map.of());
        Generation late = new Generation(
                9,
                2,
                content.varsSha256(),
                TestStore.SIZE,
                "sha256:c0de",
                "",
                Generation.Basis.Ended,
                2L,
                null,
                null,
                List.of());
        vm.disk().overwrite(new GenerationFile(late, content).encode(), "uefivm", Vm.UID, "generations", "9-2.state");

        assertThat(vm.prepare(4).base().epoch()).isEqualTo(3);
        assertThat(vm.varsId(4)).isEqualTo(33);
        assertThat(vm.names("rejected")).isEmpty();
    }

    @Test
    void theNewestAndSoManyBeforeItAreKept() throws NvramException {
        vm.history(Vm.LIMIT + 3);

        assertThat(vm.state().history())
                .extracting(kept -> kept.generation().epoch())
                .containsExactly(6L, 5L, 4L, 3L);
        assertThat(vm.names("generations")).hasSize(1 + Vm.LIMIT);
        vm.run(7, 7);
        Commit shorter = vm.state().commit(7, 1);
        assertThat(shorter).isInstanceOfSatisfying(Commit.Done.class, d -> {
            assertThat(d.dropped()).hasSize(3);
            assertThat(d.history())
                    .extracting(kept -> kept.generation().epoch())
                    .containsExactly(7L, 6L);
        });
        assertThat(vm.names("generations")).hasSize(2);
    }

    @Test
    void aVmThatOnlyEverCrashesDoesNotFillItsClaim() throws NvramException {
        vm.history(1);
        for (int epoch = 2; epoch <= 9; epoch++) {
            vm.run(epoch, epoch);
        }
        Preparation.Ready ready = vm.prepare(10);

        assertThat(vm.varsId(10)).isEqualTo(9);
        assertThat(vm.names("generations")).hasSize(1 + Vm.LIMIT);
        assertThat(ready.dropped()).hasSize(1).allMatch(name -> name.startsWith("generations/"));
    }

    @Test
    void rejectedStateIsLimitedTooAndWhatGoesIsNamed() throws NvramException {
        vm.history(1);
        for (int epoch = 2; epoch <= 6; epoch++) {
            vm.run(epoch, epoch).writeVars(epoch, new byte[10]);
            vm.state().commit(epoch, Vm.LIMIT);
        }
        assertThat(vm.prepare(7).dropped()).containsExactly("rejected/epoch-3");
        assertThat(vm.names("rejected")).contains("epoch-4", "epoch-6").doesNotContain("epoch-3", "epoch-3.txt");
    }

    @Test
    void anEpochThatMayHaveRunIsNeverPreparedAgain() throws NvramException {
        vm.run(1, 11);
        assertThat(vm.state().prepare(1, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                .isEqualTo(new Preparation.MayHaveRun(EpochPaths.of(Vm.UID, 1)));
        assertThat(vm.varsId(1)).isEqualTo(11);
    }

    @Test
    void anUnreadableRecordCountsAsAnEpochThatMayHaveRun() throws NvramException {
        vm.history(1).run(2, 22);
        vm.disk().overwrite("{".getBytes(StandardCharsets.US_ASCII), Vm.path(2, "epoch.json"));

        assertThat(vm.state().prepare(2, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS))
                .isInstanceOf(Preparation.MayHaveRun.class);
        assertThat(vm.prepare(3).base().epoch()).isEqualTo(2);
        assertThat(vm.varsId(3)).isEqualTo(22);
    }

    @Test
    void aGenerationTakesLittleSpace() throws NvramException {
        vm.run(1, 11).commit(1);
        assertThat(vm.read("uefivm", Vm.UID, "generations", "2-1.state")).hasSizeLessThan(1500);
        assertThat(vm.disk().used()).isLessThan(4096);
    }

    @Test
    void whatIsNotOursIsPassedOver() throws NvramException {
        vm.history(1);
        vm.disk().overwrite(new byte[1], "uefivm", Vm.UID, "generations", "99-99.state.bak");
        vm.disk().overwrite(new byte[1], "uefivm", Vm.UID, "epochs", "lost+found");
        assertThat(vm.prepare(2).base().epoch()).isEqualTo(1);
        assertThat(vm.state().history()).hasSize(2);
        assertThat(vm.names("generations")).contains("99-99.state.bak");
    }
}
