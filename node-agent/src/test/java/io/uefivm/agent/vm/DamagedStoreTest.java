package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.nvram.Answer;
import io.uefivm.agent.nvram.Commit;
import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.Initial;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.nvram.Preparation;
import io.uefivm.agent.nvram.Request;
import io.uefivm.agent.nvram.StoreEdit;
import io.uefivm.agent.nvram.Terms;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.SecureBootState;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores that OVMF wrote, and what a start and a request make of them when they are damaged, in a claim on a disk. */
class DamagedStoreTest {
    private static final String UID = "0b5c1d8e-7f0a-4c5e-9a55-3f2d1c0b9a87";
    private static final int SIZE = 540_672;
    private static final byte[] INITIAL = Enrolment.apply(
                    EmptyStore.of(StoreSize.ofFileLength(SIZE)), KeyProfile.microsoft())
            .toBytes();

    @TempDir
    private Path claim;

    private enum Damage {
        TRUNCATED {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, 1 << 16);
            }
        },
        EMPTY {
            @Override
            byte[] of(byte[] good) {
                return new byte[0];
            }
        },
        OF_THE_OTHER_SIZE {
            @Override
            byte[] of(byte[] good) {
                return EmptyStore.of(StoreSize.ofFileLength(0x20000)).toBytes();
            }
        },
        GARBAGE {
            @Override
            byte[] of(byte[] good) {
                byte[] garbage = new byte[good.length];
                new Random(7).nextBytes(garbage);
                return garbage;
            }
        },
        ZEROES_FROM_A_LOST_BLOCK {
            @Override
            byte[] of(byte[] good) {
                byte[] torn = good.clone();
                Arrays.fill(torn, 0, 4096, (byte) 0);
                return torn;
            }
        };

        abstract byte[] of(byte[] good);
    }

    private static byte[] writtenByOvmf(String name) throws IOException {
        String resource = "/io/uefivm/agent/varstore/ovmf/" + name + ".fd.gz";
        try (InputStream in = DamagedStoreTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            return new GZIPInputStream(in).readAllBytes();
        }
    }

    private NvramState state() throws IOException {
        return new NvramState(SafeDir.trusted(claim), UID, new EdkStoreCheck(), Clock.systemUTC());
    }

    private Preparation.Ready prepare(long epoch, CorruptionPolicy policy, @Nullable NvramRequest request)
            throws NvramException, IOException {
        var terms = new Terms(10, policy, Optional.ofNullable(request).map(r -> new Request(r, new StoreKeys())));
        return (Preparation.Ready) state().prepare(epoch, new Initial(INITIAL, "sha256:c0de"), StoreEdit.NONE, terms);
    }

    private Path vars(long epoch) {
        return claim.resolve("uefivm/" + UID + "/epochs/" + epoch + "/vars.fd");
    }

    /** A domain that left this store; nobody saw it end. */
    private void run(long epoch, byte[] left) throws NvramException, IOException {
        prepare(epoch, CorruptionPolicy.Recover, null);
        state().markStarting(epoch);
        Files.write(vars(epoch), left);
    }

    private void runAndCommit(long epoch, byte[] left) throws NvramException, IOException {
        run(epoch, left);
        assertThat(state().commit(epoch, 10)).isInstanceOf(Commit.Done.class);
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void damageIsKeptAndTheStateBeforeIsUsed(Damage damage) throws NvramException, IOException {
        byte[] good = writtenByOvmf("4m-microsoft-booted");
        byte[] bad = damage.of(good);
        runAndCommit(1, good);
        run(2, bad);

        Preparation.Ready ready = prepare(3, CorruptionPolicy.Recover, null);

        assertThat(ready.recovered()).isTrue();
        assertThat(ready.base().epoch()).isEqualTo(1);
        assertThat(ready.rejected()).singleElement().satisfies(r -> {
            assertThat(r.name()).isEqualTo("epoch-2");
            assertThat(r.reason()).isNotBlank();
        });
        assertThat(Files.readAllBytes(claim.resolve("uefivm/" + UID + "/rejected/epoch-2/vars.fd")))
                .isEqualTo(bad);
        assertThat(Files.readAllBytes(vars(3))).isEqualTo(good);
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void aPolicyThatRefusesWaitsAndARestoreGetsOn(Damage damage) throws NvramException, IOException {
        byte[] good = writtenByOvmf("4m-microsoft-booted");
        runAndCommit(1, good);
        run(2, damage.of(good));

        assertThatThrownBy(() -> prepare(3, CorruptionPolicy.Refuse, null))
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NvramUnreadable))
                .hasMessageContaining("epoch-2")
                .hasMessageContaining("Restore with generation 2");
        prepare(4, CorruptionPolicy.Refuse, new NvramRequest("r", NvramAction.Restore, 2L));
        assertThat(Files.readAllBytes(vars(4))).isEqualTo(good);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4m-spare-complete", "4m-spare-incomplete", "4m-data-incomplete"})
    void aWriteThatWasInterruptedIsNoDamageUnderEitherPolicy(String torn) throws NvramException, IOException {
        byte[] left = writtenByOvmf(torn);
        run(1, left);

        Preparation.Ready ready = prepare(2, CorruptionPolicy.Refuse, null);

        assertThat(ready.base().basis()).isEqualTo(Generation.Basis.Crashed);
        assertThat(ready.rejected()).isEmpty();
        assertThat(Files.readAllBytes(vars(2))).as("the firmware finishes it").isEqualTo(left);
        assertThat(VarStore.parseAbandoningPendingWrite(ready.vars()).variables())
                .hasSizeGreaterThan(20);
    }

    @Test
    void keysAreEnrolledIntoAStoreThatOvmfWroteAndAllElseStays() throws NvramException, IOException {
        byte[] before = writtenByOvmf("4m-setup-mode-booted");
        runAndCommit(1, before);

        Preparation.Ready ready =
                prepare(2, CorruptionPolicy.Recover, new NvramRequest("e", NvramAction.EnrollKeys, null));

        VarStore store = VarStore.parse(ready.vars());
        assertThat(ready.answer().orElseThrow()).isInstanceOf(Answer.Done.class);
        assertThat(SecureBootState.of(VarStore.parse(before))).isEqualTo(SecureBootState.SETUP_MODE);
        assertThat(SecureBootState.of(store)).isEqualTo(SecureBootState.ENFORCING);
        assertThat(SecureBootView.of(store).certificates())
                .isEqualTo(SecureBootView.of(VarStore.parse(INITIAL)).certificates());
        assertThat(BootConfiguration.of(store).order()).containsExactly(1, 0, 2);
    }

    @Test
    void aResetThatKeepsTheKeysTakesAllElseAway() throws NvramException, IOException {
        byte[] before = writtenByOvmf("4m-setup-mode-booted");
        runAndCommit(1, before);

        Preparation.Ready ready =
                prepare(2, CorruptionPolicy.Recover, new NvramRequest("k", NvramAction.ResetKeepingKeys, null));

        VarStore store = VarStore.parse(ready.vars());
        assertThat(SecureBootState.of(store)).as("as the VM had it").isEqualTo(SecureBootState.SETUP_MODE);
        assertThat(BootConfiguration.of(store).order()).isEmpty();
    }
}
