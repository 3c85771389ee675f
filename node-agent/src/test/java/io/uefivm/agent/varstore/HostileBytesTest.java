package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uefivm.agent.varstore.VarstoreException.Problem;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes from a broken or hostile guest.
 *
 * <p>The random part runs longer on request: {@code -Dvarstore.mutations=10000000 -Dvarstore.seed=1}.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS)
class HostileBytesTest {
    private static final int[] REGIONS_2M = {0, 0x64, 0xdfb8, 0xe000, 0xf000, 0x10000, 0x20000};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x47, 0x48, 0x64, 0x1000, 0xe000, 0x1ffff, 0x20001, 0x83fff, 0x84001, 0x400000})
    void anyOtherLengthIsRefused(int length) {
        byte[] file = Arrays.copyOf(OvmfTemplates.bytes("OVMF_VARS_4M.ms.fd"), length);

        assertThatExceptionOfType(VarstoreException.class)
                .isThrownBy(() -> VarStore.parse(file))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.SIZE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0xff, 0xaa, 0x55})
    void aFileOfOneByteValueIsNoStore(int value) {
        byte[] file = new byte[0x20000];
        Arrays.fill(file, (byte) value);

        assertThat(StoreRules.check(file)).contains(Problem.VOLUME_HEADER);
    }

    @Test
    void aBitFlipAtEveryOffsetBreaksNoRule() {
        byte[] file = OvmfTemplates.bytes("OVMF_VARS.ms.fd");
        Random random = new Random(20261121);
        for (int at = 0; at < file.length; at++) {
            byte flipped = (byte) (1 << random.nextInt(8));
            file[at] ^= flipped;
            check(file, "bit flip at 0x" + Integer.toHexString(at));
            file[at] ^= flipped;
        }
    }

    @Test
    void aStoreCutOffAndErasedAtAnyOffsetBreaksNoRule() {
        byte[] whole = OvmfTemplates.bytes("OVMF_VARS.ms.fd");
        byte[] file = whole.clone();
        int used = VolumeFormat.FIRST_RECORD
                + VarStore.parse(whole).usage().capacity()
                - VarStore.parse(whole).usage().free();
        for (int at = used; at >= 0; at--) {
            file[at] = (byte) 0xff;
            check(file, "erased from 0x" + Integer.toHexString(at));
        }
    }

    @Test
    void randomMutationsBreakNoRule() {
        int count = Integer.getInteger("varstore.mutations", 5_000);
        long seed = Long.getLong("varstore.seed", 20261121L);
        Random random = new Random(seed);
        List<byte[]> bases = bases();
        Map<Problem, Integer> outcomes = new EnumMap<>(Problem.class);
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            byte[] file = bases.get(random.nextInt(bases.size())).clone();
            int changes = 1 + random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                mutate(file, random);
            }
            var problem = check(file, "mutation " + i + " of seed " + seed);
            problem.ifPresent(p -> outcomes.merge(p, 1, Integer::sum));
            accepted += problem.isEmpty() ? 1 : 0;
        }
        System.out.printf("%d mutated stores, seed %d: %d accepted, refused %s%n", count, seed, accepted, outcomes);
        assertThat(accepted).isGreaterThan(count / 20).isLessThan(count);
        assertThat(outcomes).containsKeys(Problem.RECORD, Problem.PENDING_WRITE);
    }

    private static Optional<Problem> check(byte[] file, String what) {
        try {
            return StoreRules.check(file);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(what + " breaks a rule", e);
        }
    }

    private static List<byte[]> bases() {
        byte[] newStore = EmptyStore.of(StoreSize.M2)
                .set(StoreFixture.variable("Kept", "1"))
                .toBytes();
        VarStore booting = OvmfTemplates.store("OVMF_VARS.ms.fd");
        Bytes path = Bytes.ofHex("04012a00010000000008000000000000000010000000000033221100554477668899aabbccddeeff0202"
                + "040410005c004500460049005c000000" + "7fff0400");
        for (int number = 0; number < 3; number++) {
            booting = BootConfiguration.setEntry(
                    booting, number, new LoadOption(1, "disk", DevicePath.parse(path), path, Bytes.EMPTY));
        }
        booting = BootConfiguration.setOrder(booting, List.of(2, 0, 1));
        return List.of(
                booting.toBytes(),
                new StoreFixture(StoreSize.M2)
                        .record(StoreFixture.IN_TRANSITION, "Timeout", "old")
                        .record(StoreFixture.HEADER_ONLY, "Timeout", "new")
                        .raw("aa55ff00")
                        .skip(60)
                        .record(StoreFixture.ADDED, "Lang", "en")
                        .bytes(),
                new StoreFixture(StoreSize.M2)
                        .spare(newStore)
                        .eraseStore(0x2000)
                        .journal(0xfc, 0xfd)
                        .bytes(),
                new StoreFixture(StoreSize.M2)
                        .record(StoreFixture.ADDED, "Kept", "1")
                        .journal(0xfc, 0xff)
                        .bytes());
    }

    private static void mutate(byte[] file, Random random) {
        int at = place(file, random);
        switch (random.nextInt(6)) {
            case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> file[at] = (byte) random.nextInt(256);
            case 2 -> file[at] &= (byte) random.nextInt(256);
            case 3 -> {
                long[] values = {0, 1, 2, 0x7fffffffL, 0x80000000L, 0xfffffffeL, 0xffffffffL, random.nextInt(0x20000)};
                Bytes value = new ByteWriter()
                        .u32(values[random.nextInt(values.length)])
                        .toBytes();
                value.copyTo(file, Math.min(at & ~3, file.length - 4));
            }
            case 4 -> {
                int length = Math.min(1 + random.nextInt(200), file.length - at);
                System.arraycopy(file, place(file, random) & 0x1ff00, file, at, length);
            }
            default -> Arrays.fill(file, at, Math.min(file.length, at + random.nextInt(300)), (byte) 0xff);
        }
    }

    /** Mostly a written place, sometimes the border of a region, sometimes anywhere. */
    private static int place(byte[] file, Random random) {
        int at = random.nextInt(file.length);
        if (random.nextInt(20) == 0) {
            return Math.min(file.length - 1, REGIONS_2M[random.nextInt(REGIONS_2M.length)] + random.nextInt(80));
        }
        for (int i = 0; i < 64 && file[at] == (byte) 0xff; i++) {
            at = random.nextInt(4) == 0 ? 0xf000 + random.nextInt(0x80) : random.nextInt(0x4000);
        }
        return at;
    }
}
