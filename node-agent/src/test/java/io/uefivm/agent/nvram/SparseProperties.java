package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SparseProperties {
    private static final int LIMIT = 1 << 20;

    @Property(tries = 300)
    void whatWasEncodedIsDecoded(@ForAll("runs") byte[] bytes) throws CorruptException {
        byte[] sparse = Sparse.encode(bytes);

        assertThat(Sparse.decode(sparse, LIMIT, "it")).isEqualTo(bytes);
        assertThat(sparse.length).isLessThan(bytes.length + bytes.length / 8 + 8);
    }

    @Property(tries = 300)
    void anyBytesAreDecodedWithinTheLimitOrCorrupt(@ForAll byte[] bytes) {
        try {
            assertThat(Sparse.decode(bytes, 5000, "it").length).isLessThanOrEqualTo(5000);
        } catch (CorruptException e) {
            assertThat(e.defect()).isNotBlank();
        }
    }

    @Provide
    Arbitrary<byte[]> runs() {
        Arbitrary<byte[]> run = Combinators.combine(
                        Arbitraries.oneOf(Arbitraries.just((byte) 0xff), Arbitraries.bytes()),
                        Arbitraries.integers().between(0, 300))
                .as((value, length) -> {
                    byte[] bytes = new byte[length];
                    Arrays.fill(bytes, value);
                    return bytes;
                });
        return run.list().ofMaxSize(30).map(SparseProperties::join);
    }

    private static byte[] join(List<byte[]> runs) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        runs.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
