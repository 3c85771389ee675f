package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reading costs a few times the file, also when the bytes were made to cost more. */
class MemoryTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** All that is allocated on the way, garbage included; what is live at any time is less. */
    private static final int TIMES = 10;

    private static long allocated(Runnable work) {
        work.run();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static void read(byte[] file) {
        try {
            VarStore store = VarStore.parseAbandoningPendingWrite(file);
            SecureBootView.of(store);
            BootConfiguration.of(store);
        } catch (VarstoreException e) {
            assertThat(e.offset()).isNotNegative();
        }
    }

    @Test
    void theWorstStoresCostAFewTimesTheirSize() {
        Map<String, byte[]> worst = Map.of(
                "as many records as fit", manyRecords(),
                "as many headers without anything", manyHeaders(),
                "signature lists of the smallest signatures", lists(),
                "a boot order as long as a variable can be", bootOrder(),
                "a replay",
                        new StoreFixture(StoreSize.M4)
                                .spare(manyRecords())
                                .journal(0xfc, 0xfd)
                                .bytes());
        worst.forEach((what, file) -> assertThat(allocated(() -> read(file)))
                .as(what)
                .isGreaterThan(file.length)
                .isLessThan((long) TIMES * file.length));
    }

    @Test
    void aHugeFileIsRefusedBeforeItIsCopied() {
        byte[] huge = new byte[64 << 20];

        assertThat(allocated(() -> read(huge))).isLessThan(100_000);
    }

    private static byte[] manyRecords() {
        StoreFixture fixture = new StoreFixture(StoreSize.M4);
        for (int i = 0; fixture.position() + 80 < 0x40000; i++) {
            fixture.record(StoreFixture.ADDED, Integer.toString(i, 36), "x");
        }
        return fixture.bytes();
    }

    private static byte[] manyHeaders() {
        StoreFixture fixture = new StoreFixture(StoreSize.M4);
        while (fixture.position() + 60 < 0x40000) {
            fixture.raw("aa55ff00").skip(60);
        }
        return fixture.bytes();
    }

    /** SHA-256 hashes, the smallest signatures that there are: one for every 48 bytes. */
    private static byte[] lists() {
        List<Signature> hashes = new ArrayList<>();
        for (int i = 0; i < 650; i++) {
            hashes.add(new Signature.ImageHash(Vendors.UEFIVM, Bytes.ofHex(String.format("%064x", i))));
        }
        VarStore store = EmptyStore.of(StoreSize.M4);
        for (VariableKey key : List.of(SecureBootView.PK, SecureBootView.KEK, SecureBootView.DB, SecureBootView.DBX)) {
            store = store.set(Variable.of(
                    key,
                    Attributes.KEY_VARIABLE,
                    SignatureList.encode(List.of(new SignatureList(SignatureList.SHA256, Bytes.EMPTY, hashes)))));
            if (store.find(key).orElseThrow().data().length() < 30_000) {
                throw new AssertionError("the lists are not long");
            }
        }
        return store.toBytes();
    }

    private static byte[] bootOrder() {
        byte[] order = new byte[0x8000];
        for (int i = 0; i < order.length; i += 2) {
            order[i] = (byte) (i >> 1);
            order[i + 1] = (byte) (i >> 9);
        }
        return EmptyStore.of(StoreSize.M4)
                .set(Variable.of(VariableKey.global("BootOrder"), Attributes.BOOT_VARIABLE, Bytes.copyOf(order)))
                .toBytes();
    }
}
