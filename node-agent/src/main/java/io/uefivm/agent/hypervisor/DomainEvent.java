package io.uefivm.agent.hypervisor;

import java.util.UUID;

/** Something that happened to a domain or to the connection. */
public sealed interface DomainEvent {
    /** It runs, for the first time or again. */
    record Running(UUID uuid) implements DomainEvent {}

    /** Its CPUs are stopped. */
    record Paused(UUID uuid) implements DomainEvent {}

    /** It is gone. */
    record Ended(UUID uuid, DomainEnd end) implements DomainEvent {}

    /** Its guest agent opened or closed its channel. */
    record GuestAgent(UUID uuid, boolean connected) implements DomainEvent {}

    /**
     * The guest armed its watchdog and fed it no more.
     *
     * @param poweredOff whether that ends the domain; else the guest was reset
     */
    record WatchdogFired(UUID uuid, boolean poweredOff) implements DomainEvent {}

    /** The connection to libvirt was lost and made again: events may have been missed, look at everything anew. */
    record Reconnected() implements DomainEvent {}
}
