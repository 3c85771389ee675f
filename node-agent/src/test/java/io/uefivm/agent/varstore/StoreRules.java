package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.EnumSet;
import java.util.Optional;

/** What must hold for any bytes whatever. */
final class StoreRules {
    private StoreRules() {}

    /**
     * Checks them all.
     *
     * @return what is wrong with the bytes, empty if they are a store
     */
    static Optional<Problem> check(byte[] file) {
        Optional<Problem> strict = check(file, () -> VarStore.parse(file));
        if (strict.filter(Problem.PENDING_WRITE::equals).isPresent()) {
            check(file, () -> VarStore.parseAbandoningPendingWrite(file));
        }
        return strict;
    }

    private interface Parser {
        VarStore parse();
    }

    private static Optional<Problem> check(byte[] file, Parser parser) {
        VarStore store;
        try {
            store = parser.parse();
        } catch (VarstoreException e) {
            assertThat(e.offset()).isBetween(0L, Math.max(file.length, 1L));
            assertThat(e.problem())
                    .isIn(EnumSet.of(
                            Problem.SIZE,
                            Problem.VOLUME_HEADER,
                            Problem.STORE_HEADER,
                            Problem.PENDING_WRITE,
                            Problem.RECORD,
                            Problem.TRAILING_DATA));
            return Optional.of(e.problem());
        }
        assertThat(store.toBytes()).isEqualTo(file);
        VarStore compacted = VarStore.parse(store.compact().toBytes());
        assertThat(compacted.variables()).isEqualTo(store.variables());
        assertThat(compacted.usage()).isEqualTo(store.compact().usage());
        StoreUsage usage = store.usage();
        assertThat(usage.used() + usage.reclaimable() + usage.free()).isEqualTo(usage.capacity());
        checkViews(store);
        return Optional.empty();
    }

    private static void checkViews(VarStore store) {
        BootConfiguration.of(store)
                .entries()
                .forEach(entry ->
                        assertThat(LoadOption.parse(entry.option().encode())).isEqualTo(entry.option()));
        SecureBootState.of(store);
        try {
            SecureBootView.of(store);
        } catch (VarstoreException e) {
            assertThat(e.problem()).isEqualTo(Problem.SIGNATURE_LIST);
        }
    }
}
