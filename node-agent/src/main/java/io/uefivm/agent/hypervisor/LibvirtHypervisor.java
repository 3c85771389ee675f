package io.uefivm.agent.hypervisor;

import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.domain.DomainOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.DomainBlockInfo;
import org.libvirt.DomainInfo;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The libvirt of this host, through libvirt-java. Survives restarts of libvirtd: see {@link LibvirtConnection}. */
public final class LibvirtHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);
    /** VIR_DOMAIN_METADATA_ELEMENT of libvirt-domain.h; the binding has no name for it. */
    private static final int METADATA_ELEMENT = 2;
    /** VIR_DOMAIN_AFFECT_CURRENT: a transient domain has but one state, also while it ends. */
    private static final int AFFECT_CURRENT = 0;
    /** Refuse what libvirt's own schema does not know instead of ignoring it. */
    private static final int START = Domain.CreateFlags.VALIDATE;

    private static final int START_TRIAL = Domain.CreateFlags.VALIDATE | Domain.CreateFlags.AUTODESTROY;
    /** VIR_DOMAIN_AFFECT_LIVE, which is also VIR_DOMAIN_DEVICE_MODIFY_LIVE. */
    private static final int AFFECT_LIVE = 1;
    /** VIR_DOMAIN_BLOCK_RESIZE_BYTES; without it libvirt counts in KiB. */
    private static final int RESIZE_BYTES = 1;
    /** VIR_DOMAIN_EVENT_WATCHDOG_POWEROFF. */
    private static final int WATCHDOG_POWEROFF = 3;
    /** A guest agent that runs answers within milliseconds, in a guest that is busy within seconds. */
    private static final int AGENT_SECONDS = 5;

    private static final Pattern AGENT_CONNECTED =
            Pattern.compile("<target [^>]*name='org\\.qemu\\.guest_agent\\.0'[^>]* state='connected'");
    /** VIR_CONNECT_LIST_DOMAINS_ACTIVE. */
    private static final int LIST_ACTIVE = 1;

    /**
     * libvirt looks for a free port for the screen, and QEMU takes it a moment later: any other program of the host may be
     * faster. The next look finds another port.
     */
    private static final int MOST_ATTEMPTS = 5;

    private static final String LOGS = "var/log/libvirt/qemu";
    /** libvirt rotates logs at 2 MiB; the lines that tell of an end are the last ones. */
    private static final int LOG_TAIL = 256 * 1024;

    private static final Set<ErrorNumber> GONE = Set.of(ErrorNumber.VIR_ERR_NO_DOMAIN);
    /** A domain that ended between the look-up and the call is "not running" to libvirt. */
    private static final Set<ErrorNumber> ENDED =
            Set.of(ErrorNumber.VIR_ERR_NO_DOMAIN, ErrorNumber.VIR_ERR_OPERATION_INVALID);

    private final LibvirtConnection connection;
    private final Path logs;
    private final LifecycleEvents lifecycle = new LifecycleEvents();
    private final List<Consumer<DomainEvent>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable HypervisorFacts facts;

    private LibvirtHypervisor(String uri, Path hostRoot) {
        this.connection = new LibvirtConnection(
                uri, this::onLifecycle, this::onGuestAgent, this::onWatchdog, this::onReconnected);
        this.logs = hostRoot.resolve(LOGS);
    }

    /**
     * Connects now or, when libvirt is not there yet, as soon as it is.
     *
     * @param uri for example {@code qemu:///system}
     * @param hostRoot where the host's root is seen; libvirt's logs are read below it
     */
    public static LibvirtHypervisor connect(String uri, Path hostRoot) {
        var hypervisor = new LibvirtHypervisor(uri, hostRoot);
        hypervisor.connection.open();
        return hypervisor;
    }

    @Override
    public HypervisorFacts facts() throws HypervisorException {
        return connection.call("capabilities", connect -> {
            HypervisorFacts known = facts;
            String qemu = version(connect.getVersion());
            if (known == null || !known.qemuVersion().equals(qemu)) {
                // libvirt may probe every emulator of the host anew for its capabilities, which takes seconds; its
                // version of QEMU tells whether that is worth it.
                String capabilities = connect.getCapabilities();
                known = new HypervisorFacts(
                        version(connect.getLibVersion()),
                        qemu,
                        MachineTypes.q35(capabilities),
                        QemuUser.of(capabilities));
                facts = known;
            }
            return known;
        });
    }

    /** libvirt writes versions as 1,000,000 x major + 1,000 x minor + release. */
    private static String version(long number) {
        return number / 1_000_000 + "." + number / 1000 % 1000 + "." + number % 1000;
    }

    @Override
    public List<RunningDomain> domains() throws HypervisorException {
        return connection.call("list domains", connect -> {
            var result = new ArrayList<RunningDomain>();
            for (Domain domain : connect.listAllDomains(LIST_ACTIVE)) {
                try {
                    view(domain).ifPresent(result::add);
                } catch (LibvirtException e) {
                    ignore(GONE, e);
                } finally {
                    domain.free();
                }
            }
            return result;
        });
    }

    @Override
    public Optional<RunningDomain> domain(UUID uuid) throws HypervisorException {
        Optional<Optional<RunningDomain>> found =
                connection.call("look up domain", connect -> with(connect, uuid, this::view, GONE));
        if (found.isPresent() && found.get().isEmpty()) {
            // Taken for absent, a guest that runs would be concluded and started a second time.
            throw new HypervisorException(
                    HypervisorException.Kind.REFUSED, "domain " + uuid + " is there but uefivm did not make it", null);
        }
        return found.flatMap(domain -> domain);
    }

    private Optional<RunningDomain> view(Domain domain) throws LibvirtException {
        Optional<DomainOwner> owner = owner(domain);
        if (owner.isEmpty()) {
            return Optional.empty();
        }
        DomainInfo.DomainState state = domain.getInfo().state;
        RunningDomain.State ours = switch (state) {
            case VIR_DOMAIN_PAUSED, VIR_DOMAIN_PMSUSPENDED -> RunningDomain.State.PAUSED;
            case VIR_DOMAIN_SHUTDOWN -> RunningDomain.State.SHUTTING_DOWN;
            case VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_CRASHED -> RunningDomain.State.ENDED;
            case VIR_DOMAIN_NOSTATE, VIR_DOMAIN_RUNNING, VIR_DOMAIN_BLOCKED -> RunningDomain.State.RUNNING;
        };
        return Optional.of(
                new RunningDomain(UUID.fromString(domain.getUUIDString()), domain.getName(), owner.get(), ours));
    }

    /** The element alone, which costs libvirt less than the whole XML. */
    private static Optional<DomainOwner> owner(Domain domain) throws LibvirtException {
        try {
            String element = domain.getMetadata(METADATA_ELEMENT, DomainMetadata.NAMESPACE, AFFECT_CURRENT);
            // libvirt takes the namespace, by which it found the element, off it.
            return DomainMetadata.parse(
                    "<metadata xmlns='" + DomainMetadata.NAMESPACE + "'>" + element + "</metadata>");
        } catch (LibvirtException e) {
            if (e.getError() != null && e.getError().getCode() == ErrorNumber.VIR_ERR_NO_DOMAIN_METADATA) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void start(String domainXml) throws HypervisorException {
        for (int attempt = 1; ; attempt++) {
            try {
                connection.call("create domain", connect -> {
                    connect.domainCreateXML(domainXml, START).free();
                    return true;
                });
                return;
            } catch (HypervisorException e) {
                if (LibvirtConnection.isTimeout(e)) {
                    // libvirt itself answered: QEMU or swtpm did not come up in its time, and it has ended them.
                    throw new HypervisorException(
                            HypervisorException.Kind.REFUSED, String.valueOf(e.getMessage()), e.getCause());
                }
                if (attempt == MOST_ATTEMPTS || !mayBeOfThePort(e)) {
                    throw e;
                }
                LOG.info("the screen's port was taken in between, attempt={}: {}", attempt, e.getMessage());
            }
        }
    }

    /** libvirt repeats QEMU's words, unless QEMU was gone before libvirt had read them. */
    private static boolean mayBeOfThePort(HypervisorException e) {
        String message = String.valueOf(e.getMessage());
        return e.kind() == HypervisorException.Kind.REFUSED
                && (message.contains("Address already in use") || message.endsWith("closed the monitor"));
    }

    @Override
    public Trial startTrial(String domainXml) throws HypervisorException {
        UUID uuid = connection.call("create trial domain", connect -> {
            Domain domain = connect.domainCreateXML(domainXml, START_TRIAL);
            try {
                return UUID.fromString(domain.getUUIDString());
            } finally {
                domain.free();
            }
        });
        return () -> destroy(uuid);
    }

    @Override
    public Optional<String> describe(UUID uuid) throws HypervisorException {
        return connection.call("describe domain", connect -> with(connect, uuid, domain -> domain.getXMLDesc(0), GONE));
    }

    @Override
    public void updateDevice(UUID uuid, String deviceXml) throws HypervisorException {
        connection.call(
                "update device",
                connect -> with(connect, uuid, domain -> domain.updateDeviceFlags(deviceXml, AFFECT_LIVE), Set.of()));
    }

    @Override
    public Optional<DiskSize> diskSize(UUID uuid, String path) throws HypervisorException {
        return connection.call(
                "look at disk",
                connect -> with(
                        connect,
                        uuid,
                        domain -> {
                            DomainBlockInfo info = domain.blockInfo(path);
                            return new DiskSize(info.getCapacity(), info.getPhysical());
                        },
                        GONE));
    }

    @Override
    public void resizeDisk(UUID uuid, String path, long bytes) throws HypervisorException {
        connection.call(
                "resize disk",
                connect -> with(
                        connect,
                        uuid,
                        domain -> {
                            domain.blockResize(path, bytes, RESIZE_BYTES);
                            return true;
                        },
                        Set.of()));
    }

    @Override
    public boolean hasGuestAgent(UUID uuid) throws HypervisorException {
        return describe(uuid).map(xml -> AGENT_CONNECTED.matcher(xml).find()).orElse(false);
    }

    @Override
    public String askGuest(UUID uuid, String command) throws HypervisorException {
        return connection
                .call(
                        "ask guest agent",
                        connect -> with(
                                connect, uuid, domain -> domain.qemuAgentCommand(command, AGENT_SECONDS, 0), Set.of()))
                .orElse("");
    }

    @Override
    public void requestShutdown(UUID uuid) throws HypervisorException {
        connection.call(
                "shut down domain",
                connect -> with(
                        connect,
                        uuid,
                        domain -> {
                            domain.shutdown();
                            return true;
                        },
                        ENDED));
    }

    @Override
    public void destroy(UUID uuid) throws HypervisorException {
        connection.call(
                "destroy domain",
                connect -> with(
                        connect,
                        uuid,
                        domain -> {
                            domain.destroy();
                            return true;
                        },
                        ENDED));
    }

    @Override
    public DomainEnd lastEnd(String domainName, Instant startedAt) {
        Path log = logs.resolve(domainName + ".log");
        try (SeekableByteChannel channel = Files.newByteChannel(log)) {
            channel.position(Math.max(0, channel.size() - LOG_TAIL));
            // The first line may be cut; QEMU's own output may be in any encoding.
            try (var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.ISO_8859_1))) {
                return QemuLog.lastEnd(lines.lines(), startedAt);
            }
        } catch (NoSuchFileException e) {
            return DomainEnd.UNKNOWN;
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("cannot read how domain={} ended: {}", domainName, e.toString());
            return DomainEnd.UNKNOWN;
        }
    }

    @Override
    public void onEvent(Consumer<DomainEvent> listener) {
        listeners.add(listener);
    }

    private void onLifecycle(UUID domain, int event, int detail) {
        try {
            lifecycle.translate(domain, event, detail).ifPresent(this::tell);
        } catch (RuntimeException e) {
            // An exception must not travel back through the C library that called this.
            LOG.error("a listener failed over an event of domain={}", domain, e);
        }
    }

    private void onGuestAgent(UUID domain, boolean connected) {
        try {
            tell(new DomainEvent.GuestAgent(domain, connected));
        } catch (RuntimeException e) {
            LOG.error("a listener failed over the guest agent of domain={}", domain, e);
        }
    }

    private void onWatchdog(UUID domain, int action) {
        try {
            tell(new DomainEvent.WatchdogFired(domain, action == WATCHDOG_POWEROFF));
        } catch (RuntimeException e) {
            LOG.error("a listener failed over the watchdog of domain={}", domain, e);
        }
    }

    private void onReconnected() {
        facts = null;
        tell(new DomainEvent.Reconnected());
    }

    private void tell(DomainEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    private interface OnDomain<T> {
        T apply(Domain domain) throws LibvirtException;
    }

    /** Empty when there is no such domain, or when the action failed for one of {@code ignored}. */
    private static <T> Optional<T> with(Connect connect, UUID uuid, OnDomain<T> action, Set<ErrorNumber> ignored)
            throws LibvirtException {
        Domain domain = null;
        try {
            domain = connect.domainLookupByUUID(uuid);
            return domain == null ? Optional.empty() : Optional.of(action.apply(domain));
        } catch (LibvirtException e) {
            ignore(ignored, e);
            return Optional.empty();
        } finally {
            if (domain != null) {
                domain.free();
            }
        }
    }

    private static void ignore(Set<ErrorNumber> ignored, LibvirtException e) throws LibvirtException {
        if (e.getError() == null || !ignored.contains(e.getError().getCode())) {
            throw e;
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
