package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the variables of a guest end and its firmware's code begins. */
class FlashImageTest {
    @ParameterizedTest
    @EnumSource(StoreSize.class)
    void theStoreIsTheBeginningOfAnImage(StoreSize size) {
        byte[] store = EmptyStore.of(size).toBytes();

        assertThat(FlashImage.store(Arrays.copyOf(store, 4 << 20))).isEqualTo(store);
        assertThat(FlashImage.store(store)).isSameAs(store);
    }

    @Test
    void whatIsUnknownIsLeftToWhoeverParsesIt() {
        byte[] unknown = new byte[4 << 20];
        assertThat(FlashImage.store(unknown)).isSameAs(unknown);
        assertThat(FlashImage.store(new byte[3])).hasSize(3);
    }
}
