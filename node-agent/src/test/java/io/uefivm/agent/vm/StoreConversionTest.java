package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.nvram.RefusedException;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import org.junit.jupiter.api.Test;

/** A store moves to firmware of the other size with all of its variables, or not at all. */
class StoreConversionTest {
    private static final byte[] SMALL = EmptyStore.of(StoreSize.M2).toBytes();
    private static final byte[] LARGE = EmptyStore.of(StoreSize.M4).toBytes();

    private static VarStore with(byte[] store, int bytes) {
        return VarStore.parse(store)
                .set(Variable.of(
                        VariableKey.global("Uefivm"), Attributes.BOOT_VARIABLE, Bytes.copyOf(new byte[bytes])));
    }

    @Test
    void everyVariableIsInTheStoreOfTheOtherSize() throws RefusedException {
        VarStore small = with(SMALL, 700);

        byte[] converted = new StoreConversion().apply(LARGE, small.toBytes());

        assertThat(converted).hasSameSizeAs(LARGE);
        assertThat(VarStore.parse(converted).variables()).isEqualTo(small.variables());
        assertThat(new StoreConversion().apply(SMALL, converted)).isEqualTo(small.toBytes());
    }

    @Test
    void whatHasNoRoomIsNamedAndNothingIsLost() {
        byte[] large = with(LARGE, 0x3000).toBytes();
        assertThatThrownBy(() -> new StoreConversion().apply(SMALL, large))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("131072 bytes has no room for Uefivm");
    }

    @Test
    void theSameSizeIsNoConversion() {
        assertThatThrownBy(() -> new StoreConversion().apply(SMALL, SMALL))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("131072")
                .hasMessageContaining("spec.firmware.image.codeDigest");
    }

    @Test
    void damageIsNoReasonToBegin() {
        assertThatThrownBy(() -> new StoreConversion().apply(LARGE, new byte[SMALL.length]))
                .isInstanceOf(RefusedException.class);
    }
}
