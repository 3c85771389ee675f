package io.uefivm.agent.hypervisor;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * From libvirt's lifecycle events to ours. Only one thing is remembered between two events: that QEMU was told to end
 * by the host (a signal, a monitor command). libvirt says SHUTDOWN then, as for a guest that powered itself off.
 */
final class LifecycleEvents {
    // virDomainEventType of libvirt-domain.h.
    private static final int STARTED = 2;
    private static final int SUSPENDED = 3;
    private static final int RESUMED = 4;
    private static final int STOPPED = 5;
    private static final int SHUTDOWN = 6;
    private static final int PMSUSPENDED = 7;

    // virDomainEventShutdownDetailType.
    private static final int SHUTDOWN_BY_HOST = 2;

    // virDomainEventStoppedDetailType.
    private static final int STOPPED_SHUTDOWN = 0;
    private static final int STOPPED_DESTROYED = 1;
    private static final int STOPPED_CRASHED = 2;
    private static final int STOPPED_FAILED = 5;

    private final Set<UUID> endedByHost = new HashSet<>();

    /** What an event means; empty when it means nothing here. Called by one thread. */
    Optional<DomainEvent> translate(UUID domain, int event, int detail) {
        return switch (event) {
            case STARTED, RESUMED -> Optional.of(new DomainEvent.Running(domain));
            case SUSPENDED, PMSUSPENDED -> Optional.of(new DomainEvent.Paused(domain));
            case SHUTDOWN -> {
                if (detail == SHUTDOWN_BY_HOST) {
                    endedByHost.add(domain);
                }
                yield Optional.empty();
            }
            case STOPPED -> Optional.of(new DomainEvent.Ended(domain, end(detail, endedByHost.remove(domain))));
            default -> Optional.empty();
        };
    }

    private static DomainEnd end(int stoppedDetail, boolean byHost) {
        return switch (stoppedDetail) {
            case STOPPED_SHUTDOWN -> byHost ? DomainEnd.DESTROYED : DomainEnd.SHUTDOWN;
            case STOPPED_DESTROYED -> DomainEnd.DESTROYED;
            // FAILED is what libvirt says when QEMU's monitor closes without a word: QEMU died or was killed.
            case STOPPED_CRASHED, STOPPED_FAILED -> DomainEnd.CRASHED;
            default -> DomainEnd.UNKNOWN;
        };
    }
}
