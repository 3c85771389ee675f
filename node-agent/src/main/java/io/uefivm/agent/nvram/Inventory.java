package io.uefivm.agent.nvram;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.LongStream;

/**
 * What is in the directory of a VM.
 *
 * @param generations committed, oldest first
 * @param epochs directories of epochs with their records; empty for a record that cannot be read
 * @param rejected what was set aside
 */
record Inventory(
        SortedSet<GenerationName> generations, SortedMap<Long, Optional<EpochRecord>> epochs, List<Rejected> rejected) {

    boolean hasGenerationOf(long epoch) {
        return generations.stream().anyMatch(g -> g.epoch() == epoch);
    }

    boolean hasRejected(long epoch) {
        return rejected.stream().anyMatch(r -> r.number() == 0 && r.epoch() == epoch);
    }

    /** Highest epoch that left any trace; 0 without one. */
    long highestEpoch() {
        return LongStream.of(
                        max(generations.stream().mapToLong(GenerationName::epoch)),
                        max(epochs.keySet().stream().mapToLong(Long::longValue)),
                        max(rejected.stream().mapToLong(Rejected::epoch)))
                .max()
                .orElse(0);
    }

    /** The number of the next generation, so that none is ever used twice. */
    long nextNumber() {
        return 1
                + LongStream.of(
                                max(generations.stream().mapToLong(GenerationName::number)),
                                max(rejected.stream().mapToLong(Rejected::number)))
                        .max()
                        .orElse(0);
    }

    /** Whether any state was ever kept here, so that a new store would mean to lose it. */
    boolean holdsState() {
        return !generations.isEmpty() || !rejected.isEmpty();
    }

    Optional<EpochRecord> record(long epoch) {
        return Optional.ofNullable(epochs.get(epoch)).flatMap(r -> r);
    }

    private static long max(LongStream values) {
        return values.max().orElse(0);
    }

    static boolean mayHaveRun(Map.Entry<Long, Optional<EpochRecord>> epoch) {
        return epoch.getValue().map(r -> r.state() == EpochRecord.State.Started).orElse(true);
    }
}
