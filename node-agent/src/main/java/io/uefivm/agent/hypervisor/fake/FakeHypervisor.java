package io.uefivm.agent.hypervisor.fake;

import io.uefivm.agent.hypervisor.DiskSize;
import io.uefivm.agent.hypervisor.DomainEnd;
import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.RunningDomain;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hypervisor in memory that keeps the contract of {@link Hypervisor}: domains are what their XML says they are, and
 * end when told to. Guests obey the power button unless told otherwise. Events come on a thread of its own, as real
 * ones do.
 */
public final class FakeHypervisor implements Hypervisor {
    private final HypervisorFacts facts;
    private final InstantSource clock;
    private final Map<UUID, RunningDomain> domains = new LinkedHashMap<>();
    /** Domains that carry no owner, by their names: they run and are in no list. */
    private final Map<UUID, String> foreign = new LinkedHashMap<>();

    private final Map<UUID, String> descriptions = new LinkedHashMap<>();
    /** Answers by command, of domains whose guest agent is there. */
    private final Map<UUID, Map<String, String>> agents = new LinkedHashMap<>();

    /** Sizes by path, of whatever domain. */
    private final Map<String, DiskSize> disks = new LinkedHashMap<>();

    private final Map<String, Trace> traces = new LinkedHashMap<>();
    private final List<Consumer<DomainEvent>> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService events = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fake-hypervisor-events");
        thread.setDaemon(true);
        return thread;
    });
    private boolean available = true;
    private boolean guestsObey = true;
    private @Nullable String nextRefusal;

    private record Trace(Instant time, DomainEnd end) {}

    /**
     * A hypervisor without domains.
     *
     * @param facts what it says of itself
     * @param clock when things happen
     */
    public FakeHypervisor(HypervisorFacts facts, InstantSource clock) {
        this.facts = facts;
        this.clock = clock;
    }

    /** Ends a domain. While libvirt is away nobody hears of it, and only the trace is left. */
    public synchronized void end(UUID uuid, DomainEnd end) {
        RunningDomain domain = domains.remove(uuid);
        descriptions.remove(uuid);
        agents.remove(uuid);
        if (domain == null) {
            throw new IllegalArgumentException("no domain " + uuid);
        }
        traces.put(domain.name(), new Trace(clock.instant(), end));
        tell(new DomainEvent.Ended(uuid, end));
    }

    /** Stops a domain's processors. */
    public void pause(UUID uuid) {
        become(uuid, RunningDomain.State.PAUSED, new DomainEvent.Paused(uuid));
    }

    /** Lets a paused domain run. */
    public void resume(UUID uuid) {
        become(uuid, RunningDomain.State.RUNNING, new DomainEvent.Running(uuid));
    }

    /**
     * The guest agent of a domain opens its channel.
     *
     * @param answers by command; it does not answer others
     */
    public synchronized void connectAgent(UUID uuid, Map<String, String> answers) {
        agents.put(uuid, Map.copyOf(answers));
        tell(new DomainEvent.GuestAgent(uuid, true));
    }

    /** It closes its channel. */
    public synchronized void disconnectAgent(UUID uuid) {
        agents.remove(uuid);
        tell(new DomainEvent.GuestAgent(uuid, false));
    }

    /** The guest's watchdog fires; {@code poweredOff} ends its domain the way QEMU does. */
    public synchronized void fireWatchdog(UUID uuid, boolean poweredOff) {
        tell(new DomainEvent.WatchdogFired(uuid, poweredOff));
        if (poweredOff) {
            end(uuid, DomainEnd.CRASHED);
        }
    }

    private synchronized void become(UUID uuid, RunningDomain.State state, DomainEvent event) {
        RunningDomain domain = domains.get(uuid);
        if (domain == null) {
            throw new IllegalArgumentException("no domain " + uuid);
        }
        domains.put(uuid, new RunningDomain(uuid, domain.name(), domain.owner(), state));
        tell(event);
    }

    /** What a disk is from now on. */
    public synchronized void disk(String path, DiskSize size) {
        disks.put(path, size);
    }

    /** Refuses the next start with that text. */
    public synchronized void refuseNextStart(String message) {
        nextRefusal = message;
    }

    /** Whether guests shut down when asked to. */
    public synchronized void guestsObey(boolean obey) {
        guestsObey = obey;
    }

    /** libvirt goes away; the guests run on. */
    public synchronized void disconnect() {
        available = false;
    }

    /** libvirt comes back. */
    public synchronized void reconnect() {
        available = true;
        tell(new DomainEvent.Reconnected());
    }

    private void tell(DomainEvent event) {
        if (available) {
            events.execute(() -> listeners.forEach(listener -> listener.accept(event)));
        }
    }

    private void requireAvailable() throws HypervisorException {
        if (!available) {
            throw new HypervisorException(
                    HypervisorException.Kind.UNAVAILABLE, "libvirt does not answer; is libvirtd running?", null);
        }
    }

    @Override
    public synchronized HypervisorFacts facts() throws HypervisorException {
        requireAvailable();
        return facts;
    }

    @Override
    public synchronized List<RunningDomain> domains() throws HypervisorException {
        requireAvailable();
        return List.copyOf(domains.values());
    }

    @Override
    public synchronized Optional<RunningDomain> domain(UUID uuid) throws HypervisorException {
        requireAvailable();
        if (foreign.containsKey(uuid)) {
            throw new HypervisorException(
                    HypervisorException.Kind.REFUSED, "domain " + uuid + " is there but uefivm did not make it", null);
        }
        return Optional.ofNullable(domains.get(uuid));
    }

    @Override
    public synchronized void start(String domainXml) throws HypervisorException {
        DomainText text = read(domainXml);
        if (text.owner().isEmpty()) {
            foreign.put(text.uuid(), text.name());
            return;
        }
        descriptions.put(text.uuid(), domainXml);
        domains.put(
                text.uuid(),
                new RunningDomain(text.uuid(), text.name(), text.owner().get(), RunningDomain.State.RUNNING));
        tell(new DomainEvent.Running(text.uuid()));
    }

    @Override
    public synchronized Trial startTrial(String domainXml) throws HypervisorException {
        DomainText text = read(domainXml);
        foreign.put(text.uuid(), text.name());
        return () -> destroy(text.uuid());
    }

    private DomainText read(String domainXml) throws HypervisorException {
        requireAvailable();
        String refusal = nextRefusal;
        nextRefusal = null;
        if (refusal != null) {
            throw new HypervisorException(HypervisorException.Kind.REFUSED, refusal, null);
        }
        DomainText text = DomainText.read(domainXml);
        boolean taken = domains.containsKey(text.uuid())
                || foreign.containsKey(text.uuid())
                || foreign.containsValue(text.name())
                || domains.values().stream().anyMatch(d -> d.name().equals(text.name()));
        if (taken) {
            throw new HypervisorException(
                    HypervisorException.Kind.REFUSED,
                    "domain " + text.name() + " already exists with uuid " + text.uuid(),
                    null);
        }
        return text;
    }

    @Override
    public synchronized Optional<String> describe(UUID uuid) throws HypervisorException {
        requireAvailable();
        return Optional.ofNullable(descriptions.get(uuid));
    }

    @Override
    public synchronized void updateDevice(UUID uuid, String deviceXml) throws HypervisorException {
        String description = describe(uuid)
                .orElseThrow(() ->
                        new HypervisorException(HypervisorException.Kind.REFUSED, "Domain not found: " + uuid, null));
        descriptions.put(uuid, DeviceChange.in(description, deviceXml));
    }

    @Override
    public synchronized Optional<DiskSize> diskSize(UUID uuid, String path) throws HypervisorException {
        return describe(uuid).isEmpty() ? Optional.empty() : Optional.of(size(path));
    }

    @Override
    public synchronized void resizeDisk(UUID uuid, String path, long bytes) throws HypervisorException {
        requireAvailable();
        disks.put(path, new DiskSize(bytes, Math.max(bytes, size(path).storageBytes())));
    }

    private DiskSize size(String path) throws HypervisorException {
        DiskSize size = disks.get(path);
        if (size == null) {
            throw new HypervisorException(
                    HypervisorException.Kind.REFUSED, "invalid argument: invalid path " + path, null);
        }
        return size;
    }

    @Override
    public synchronized boolean hasGuestAgent(UUID uuid) throws HypervisorException {
        requireAvailable();
        return agents.containsKey(uuid);
    }

    @Override
    public synchronized String askGuest(UUID uuid, String command) throws HypervisorException {
        requireAvailable();
        String answer = agents.getOrDefault(uuid, Map.of()).get(command);
        if (answer == null) {
            throw new HypervisorException(
                    HypervisorException.Kind.REFUSED,
                    "Guest agent is not responding: QEMU guest agent is not connected",
                    null);
        }
        return answer;
    }

    @Override
    public synchronized void requestShutdown(UUID uuid) throws HypervisorException {
        requireAvailable();
        if (guestsObey && domains.containsKey(uuid)) {
            end(uuid, DomainEnd.SHUTDOWN);
        }
    }

    @Override
    public synchronized void destroy(UUID uuid) throws HypervisorException {
        requireAvailable();
        foreign.remove(uuid);
        if (domains.containsKey(uuid)) {
            end(uuid, DomainEnd.DESTROYED);
        }
    }

    @Override
    public synchronized DomainEnd lastEnd(String domainName, Instant startedAt) {
        boolean runs = domains.values().stream().anyMatch(d -> d.name().equals(domainName));
        Trace trace = traces.get(domainName);
        return runs || trace == null || trace.time().isBefore(startedAt) ? DomainEnd.UNKNOWN : trace.end();
    }

    @Override
    public void onEvent(Consumer<DomainEvent> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        events.shutdownNow();
    }
}
