package io.uefivm.e2e.bench;

import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What JMH measures: one step each of reading a full 4M store, changing one variable of it and writing it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VarstoreOperations {
    private static final int FREE = 4096;
    private static final VariableKey CHANGED = VariableKey.global("Filler0");

    private final byte[] file = fullStore();
    private final VarStore parsed = VarStore.parse(file);
    private final VarStore edited = edit(parsed);

    /** Microsoft's keys and variables of one KiB, the same for every run, until four KiB are left. */
    static byte[] fullStore() {
        Random random = new Random(1);
        VarStore store = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft());
        for (int i = 0; store.usage().free() > FREE; i++) {
            byte[] data = new byte[1024];
            random.nextBytes(data);
            store = store.set(
                    Variable.of(VariableKey.global("Filler" + i), Attributes.BOOT_VARIABLE, Bytes.copyOf(data)));
        }
        return store.toBytes();
    }

    private static VarStore edit(VarStore store) {
        return store.set(Variable.of(CHANGED, Attributes.BOOT_VARIABLE, Bytes.ofHex("01")));
    }

    @Benchmark
    public VarStore parse() {
        return VarStore.parse(file);
    }

    @Benchmark
    public VarStore edit() {
        return edit(parsed);
    }

    @Benchmark
    public byte[] write() {
        return edited.toBytes();
    }

    @Benchmark
    public byte[] parseEditAndWrite() {
        return edit(VarStore.parse(file)).toBytes();
    }
}
