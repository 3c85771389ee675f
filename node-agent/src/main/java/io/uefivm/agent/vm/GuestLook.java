package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.GuestStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What guest agents say of their guests. A guest without one costs a look into libvirt's description once; one that is
 * there is asked when it comes and then once a minute, because no event tells of a new address.
 */
final class GuestLook {
    private static final Logger LOG = LoggerFactory.getLogger(GuestLook.class);

    /** How old what was said may be. */
    static final Duration FRESH = Duration.ofMinutes(1);

    private static final GuestStatus GONE = new GuestStatus(false, null, null, List.of());

    private final Hypervisor hypervisor;
    private final InstantSource clock;
    private final Map<UUID, Boolean> connected = new ConcurrentHashMap<>();
    private final Map<UUID, Instant> asked = new ConcurrentHashMap<>();

    GuestLook(Hypervisor hypervisor, InstantSource clock) {
        this.hypervisor = hypervisor;
        this.clock = clock;
    }

    /** To be told before anybody asks for what the event changes. */
    void on(DomainEvent event) {
        if (event instanceof DomainEvent.GuestAgent agent) {
            connected.put(agent.uuid(), agent.connected());
            asked.remove(agent.uuid());
        } else if (event instanceof DomainEvent.Ended ended) {
            connected.remove(ended.uuid());
            asked.remove(ended.uuid());
        } else if (event instanceof DomainEvent.Reconnected) {
            connected.clear();
            asked.clear();
        }
    }

    /** Whether there is an agent that is to be asked again after {@link #FRESH}. */
    boolean isAnswering(UUID domain) {
        return Boolean.TRUE.equals(connected.get(domain));
    }

    /**
     * What the guest of a running domain says.
     *
     * @param before what it said last
     * @return null when it never had an agent
     * @throws HypervisorException UNAVAILABLE when libvirt could not be asked
     */
    @Nullable
    GuestStatus of(UUID domain, @Nullable GuestStatus before) throws HypervisorException {
        Boolean known = connected.get(domain);
        if (known == null) {
            known = hypervisor.hasGuestAgent(domain);
            connected.put(domain, known);
        }
        if (!known) {
            return before == null ? null : GONE;
        }
        Instant last = asked.get(domain);
        Instant now = clock.instant();
        if (last != null && now.isBefore(last.plus(FRESH))) {
            return before;
        }
        asked.put(domain, now);
        Optional<String> interfaces = ask(domain, GuestAnswers.INTERFACES);
        if (interfaces.isEmpty()) {
            // Does not answer, or may not: what comes next would wait as long.
            return before == null ? null : GONE;
        }
        return GuestAnswers.status(ask(domain, GuestAnswers.HOST_NAME), ask(domain, GuestAnswers.OS), interfaces);
    }

    private Optional<String> ask(UUID domain, String command) throws HypervisorException {
        try {
            return Optional.of(hypervisor.askGuest(domain, GuestAnswers.command(command)));
        } catch (HypervisorException e) {
            if (e.kind() == HypervisorException.Kind.UNAVAILABLE) {
                throw e;
            }
            LOG.debug("no answer from the guest agent domain={} command={}: {}", domain, command, e.getMessage());
            return Optional.empty();
        }
    }
}
