package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConversionTest {
    @ParameterizedTest
    @ValueSource(strings = {"OVMF_VARS.fd", "OVMF_VARS.ms.fd"})
    void everythingFitsFrom2MTo4MAndBack(String template) {
        VarStore small = OvmfTemplates.store(template);

        Conversion larger = Conversion.of(small, StoreSize.M4);
        Conversion back = Conversion.of(VarStore.parse(larger.store().toBytes()), StoreSize.M2);

        assertThat(larger.leftOut()).isEmpty();
        assertThat(larger.store().size()).isEqualTo(StoreSize.M4);
        assertThat(larger.store().variables()).isEqualTo(small.variables());
        assertThat(back.leftOut()).isEmpty();
        assertThat(back.store().toBytes()).isEqualTo(small.compact().toBytes());
    }

    @Test
    void anEmptyStoreBecomesTheEmptyStoreOfTheOtherLayout() {
        assertThat(Conversion.of(EmptyStore.of(StoreSize.M2), StoreSize.M4)
                        .store()
                        .toBytes())
                .isEqualTo(OvmfTemplates.bytes("OVMF_VARS_4M.fd"));
    }

    @Test
    void whatTheSmallerLayoutHasNoRoomForIsNamed() {
        Variable tooLong =
                Variable.of(VariableKey.global("Long"), Attributes.BOOT_VARIABLE, Bytes.copyOf(new byte[0x2000]));
        VarStore store = EmptyStore.of(StoreSize.M4).set(tooLong);
        for (int i = 0; i < 9; i++) {
            store = store.set(Variable.of(
                    VariableKey.global("Big" + i), Attributes.BOOT_VARIABLE, Bytes.copyOf(new byte[0x1e00])));
        }
        Variable small = StoreFixture.variable("Small", "fits after a big one did not");
        store = store.set(small);

        Conversion conversion = Conversion.of(store, StoreSize.M2);

        assertThat(conversion.leftOut()).contains(tooLong).hasSize(3);
        assertThat(conversion.store().find(small.key())).contains(small);
        assertThat(conversion.store().variables()).hasSize(8);
    }

    @Test
    void variablesThatNoToolWouldWriteAreKeptByteForByte() {
        Variable odd = Variable.of(VariableKey.global("Empty"), 0x06, Bytes.EMPTY);
        VarStore store =
                new StoreFixture(StoreSize.M2).record(StoreFixture.ADDED, odd).parse();

        assertThat(Conversion.of(store, StoreSize.M4).store().variables()).containsExactly(odd);
    }
}
