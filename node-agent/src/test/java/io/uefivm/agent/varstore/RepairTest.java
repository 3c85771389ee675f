package io.uefivm.agent.varstore;

import static io.uefivm.agent.varstore.StoreFixture.ADDED;
import static io.uefivm.agent.varstore.StoreFixture.variable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepairTest {
    @ParameterizedTest
    @ValueSource(strings = {"OVMF_VARS.ms.fd", "OVMF_VARS_4M.ms.fd", "OVMF_VARS_4M.fd"})
    void aSoundStoreNeedsNoRepair(String template) {
        VarStore store = OvmfTemplates.store(template);

        Repair repair = Repair.of(store.toBytes());

        assertThat(repair.notes()).isEmpty();
        assertThat(repair.store().toBytes()).isEqualTo(store.compact().toBytes());
    }

    @Test
    void aTruncatedFileKeepsWhatItHolds() {
        byte[] whole = OvmfTemplates.bytes("OVMF_VARS_4M.ms.fd");

        Repair repair = Repair.of(Arrays.copyOf(whole, 0x3000));

        assertThat(repair.notes()).first().asString().contains("12288 bytes instead of 540672");
        assertThat(repair.store().size()).isEqualTo(StoreSize.M4);
        assertThat(VarStore.parse(whole).variables()).containsAll(repair.store().variables());
        assertThat(repair.store().variables()).isNotEmpty();
    }

    @Test
    void variablesAfterADamagedOneAreFound() {
        byte[] file = new StoreFixture(StoreSize.M4)
                .record(ADDED, "First", "1")
                .raw("aa553f00070000000000000000000000")
                .skip(100)
                .record(ADDED, "Second", "2")
                .put(0, Bytes.ofHex("ffffffff"))
                .bytes();

        Repair repair = Repair.of(file);

        assertThat(repair.store().variables()).containsExactly(variable("First", "1"), variable("Second", "2"));
        assertThat(repair.notes()).hasSize(2).anyMatch(note -> note.startsWith("The headers were written anew"));
        assertThat(VarStore.parse(repair.store().toBytes()).variables())
                .isEqualTo(repair.store().variables());
    }

    @Test
    void garbageIsBeyondRepair() {
        byte[] garbage = new byte[0x84000];
        new Random(1).nextBytes(garbage);

        assertThatExceptionOfType(VarstoreException.class).isThrownBy(() -> Repair.of(garbage));
        assertThatExceptionOfType(VarstoreException.class).isThrownBy(() -> Repair.of(new byte[0]));
    }

    @Test
    void anyDamageGivesASoundStoreOrTheOneException() {
        byte[] base = OvmfTemplates.bytes("OVMF_VARS.ms.fd");
        Random random = new Random(20261121);
        for (int i = 0; i < 500; i++) {
            byte[] file = base.clone();
            for (int change = 0; change < 8; change++) {
                file[random.nextInt(0x3000)] = (byte) random.nextInt(256);
            }
            byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file;
            try {
                VarStore repaired = Repair.of(damaged).store();
                assertThat(StoreRules.check(repaired.toBytes())).isEmpty();
            } catch (VarstoreException beyondRepair) {
                assertThat(damaged.length).isLessThan(0x2000);
            }
        }
    }
}
