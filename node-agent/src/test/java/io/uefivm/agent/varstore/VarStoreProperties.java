package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Any sequence of changes equals the same changes to a map. */
class VarStoreProperties {
    sealed interface Step {
        record Set(Variable variable) implements Step {}

        record Delete(VariableKey key) implements Step {}

        record Compact() implements Step {}

        record Reparse() implements Step {}
    }

    @Property(tries = 150)
    void aStoreIsAMap(@ForAll StoreSize size, @ForAll("histories") List<Step> history) {
        VarStore store = EmptyStore.of(size);
        Map<VariableKey, Variable> model = new LinkedHashMap<>();
        for (Step step : history) {
            store = apply(store, step, model);
            assertThat(store.variables()).containsExactlyElementsOf(model.values());
        }
        assertThat(VarStore.parse(store.toBytes()).variables()).containsExactlyElementsOf(model.values());
    }

    @Property(tries = 50)
    void whatAStoreHeldBeforeIsUntouched(@ForAll("histories") List<Step> history) {
        VarStore store = OvmfTemplates.store("OVMF_VARS.ms.fd");
        List<Variable> before = new ArrayList<>(store.variables());
        Map<VariableKey, Variable> model = new LinkedHashMap<>();
        for (Step step : history) {
            store = apply(store, step, model);
        }

        before.addAll(model.values());
        assertThat(VarStore.parse(store.toBytes()).variables()).containsExactlyElementsOf(before);
    }

    private static VarStore apply(VarStore store, Step step, Map<VariableKey, Variable> model) {
        if (step instanceof Step.Set set) {
            try {
                VarStore changed = store.set(set.variable());
                model.put(set.variable().key(), set.variable());
                return changed;
            } catch (VarstoreException e) {
                assertThat(e.problem()).isEqualTo(Problem.NO_SPACE);
                return store;
            }
        }
        if (step instanceof Step.Delete delete) {
            model.remove(delete.key());
            return store.delete(delete.key());
        }
        return step instanceof Step.Compact ? store.compact() : VarStore.parse(store.toBytes());
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        Arbitrary<VariableKey> keys = Combinators.combine(
                        Arbitraries.strings()
                                .all()
                                .ofMinLength(1)
                                .ofMaxLength(3)
                                .filter(s -> s.indexOf('\0') < 0)
                                .injectDuplicates(0.7),
                        Arbitraries.of(Vendors.GLOBAL, Vendors.SHIM))
                .as(VariableKey::new);
        Arbitrary<Bytes> data = Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(3000)
                .map(Bytes::copyOf);
        Arbitrary<EfiTime> times = Combinators.combine(
                        Arbitraries.integers().between(0, 0xffff),
                        Arbitraries.integers().between(0, 255),
                        Arbitraries.longs().between(0, 0xffffffffL),
                        Arbitraries.integers().between(-1440, 1440))
                .as((year, month, nanos, zone) -> new EfiTime(year, month, 3, 4, 5, 6, 7, nanos, zone, 8, 9));
        Arbitrary<Variable> variables = Combinators.combine(
                        keys,
                        Arbitraries.of(0x03, 0x07, 0x27, 0x0f),
                        Arbitraries.longs(),
                        times,
                        Arbitraries.longs().between(0, 0xffffffffL),
                        data)
                .as(Variable::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(6, variables.<Step>map(Step.Set::new)),
                        Tuple.of(2, keys.<Step>map(Step.Delete::new)),
                        Tuple.of(1, Arbitraries.<Step>just(new Step.Compact())),
                        Tuple.of(1, Arbitraries.<Step>just(new Step.Reparse())))
                .list()
                .ofMaxSize(40);
    }
}
