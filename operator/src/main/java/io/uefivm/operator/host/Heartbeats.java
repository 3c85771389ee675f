package io.uefivm.operator.host;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which agents are alive. A Lease carries its writer's clock, which need not agree with ours; so what counts is when a
 * renewal was seen here. Only a Lease seen for the first time is judged by its own time, since nothing else is known.
 */
final class Heartbeats {
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(Instant renewed, Instant until) {}

    /**
     * What a Lease says.
     *
     * @param renewed the Lease's own renew time
     * @param duration how long it holds
     */
    record Pulse(Instant renewed, Duration duration) {}

    /**
     * Takes note of a Lease as it is now.
     *
     * @return how much longer the agent counts as alive; empty if it does not
     */
    Optional<Duration> note(String node, Optional<Pulse> pulse, Instant now) {
        if (pulse.isEmpty()) {
            seen.remove(node);
            return Optional.empty();
        }
        Pulse beat = pulse.get();
        Seen known = seen.compute(node, (name, before) -> {
            if (before == null) {
                return new Seen(beat.renewed(), beat.renewed().plus(beat.duration()));
            }
            return before.renewed().equals(beat.renewed())
                    ? before
                    : new Seen(beat.renewed(), now.plus(beat.duration()));
        });
        return now.isBefore(known.until()) ? Optional.of(Duration.between(now, known.until())) : Optional.empty();
    }

    /** Forgets a node. */
    void forget(String node) {
        seen.remove(node);
    }
}
