package io.uefivm.agent.hypervisor;

import io.uefivm.agent.domain.DomainOwner;
import java.util.UUID;

/** A domain that libvirt has. */
public record RunningDomain(UUID uuid, String name, DomainOwner owner, State state) {
    public enum State {
        RUNNING,
        PAUSED,
        /** The guest is shutting down. */
        SHUTTING_DOWN,
        /** Ended, and libvirt is still tidying up. */
        ENDED
    }
}
