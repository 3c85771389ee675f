package io.uefivm.operator.vm.plan;

import java.time.Duration;
import java.time.Instant;

/** How long to wait before the next start: 10 s after the first failure, doubled by each further one, up to 5 min. */
final class BackOff {
    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);
    /** A domain that ran that long has shown that it can: what failed before is forgotten. */
    static final Duration PROVEN = Duration.ofMinutes(10);
    /** A domain that ended earlier, however orderly, counts as failed: a guest that powers off at boot must not loop. */
    static final Duration TOO_SHORT = Duration.ofMinutes(1);

    private BackOff() {}

    /** The number of failures in a row, this end included. */
    static int failuresAfter(int before, End end) {
        if (Ends.isOrderly(end.reason()) && end.ranFor().compareTo(TOO_SHORT) >= 0) {
            return 0;
        }
        return end.ranFor().compareTo(PROVEN) >= 0 ? 1 : before + 1;
    }

    /** When to start again. */
    static Instant nextStart(int failures, End end) {
        // The first end for which nothing is to blame is followed by a start at once.
        return end.at().plus(delay(end.prompt() ? failures - 1 : failures));
    }

    static Duration delay(int failures) {
        if (failures <= 0) {
            return Duration.ZERO;
        }
        // 2^5 x 10 s is more than 5 min.
        Duration delay = FIRST.multipliedBy(1L << Math.min(failures - 1, 5));
        return delay.compareTo(LONGEST) < 0 ? delay : LONGEST;
    }
}
