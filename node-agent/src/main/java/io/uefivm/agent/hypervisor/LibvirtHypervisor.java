package io.uefivm.agent.hypervisor;

import io.uefivm.agent.domain.DomainMetadata;
import io.uefivm.agent.domain.DomainOwner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.DomainInfo;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;
import org.libvirt.event.DomainEventType;
import org.libvirt.event.StoppedDetail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The libvirt of this host, through libvirt-java. Survives restarts of libvirtd: see {@link LibvirtConnection}. */
public final class LibvirtHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);
    /** VIR_DOMAIN_METADATA_ELEMENT of libvirt-domain.h; the binding has no name for it. */
    private static final int METADATA_ELEMENT = 2;
    /** VIR_DOMAIN_AFFECT_LIVE. */
    private static final int AFFECT_LIVE = 1;
    /** VIR_DOMAIN_START_VALIDATE: refuse what libvirt's own schema does not know instead of ignoring it. */
    private static final int START_VALIDATE = 1 << 4;
    /** VIR_CONNECT_LIST_DOMAINS_ACTIVE. */
    private static final int LIST_ACTIVE = 1;

    private final LibvirtConnection connection;
    private final List<Consumer<DomainEvent>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable HypervisorFacts facts;

    private LibvirtHypervisor(String uri) {
        this.connection = new LibvirtConnection(uri, this::onLifecycle, this::onReconnected);
    }

    /** Connects now or, when libvirt is not there yet, as soon as it is. */
    public static LibvirtHypervisor connect(String uri) {
        var hypervisor = new LibvirtHypervisor(uri);
        hypervisor.connection.open();
        return hypervisor;
    }

    @Override
    public HypervisorFacts facts() throws HypervisorException {
        HypervisorFacts known = facts;
        if (known == null) {
            // libvirt may probe QEMU anew for this, which takes seconds: asked once for each connection.
            known = connection.call(
                    "capabilities",
                    connect -> new HypervisorFacts(
                            version(connect.getLibVersion()),
                            version(connect.getVersion()),
                            MachineTypes.q35(connect.getCapabilities())));
            facts = known;
        }
        return known;
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
                    describe(domain).ifPresent(result::add);
                } catch (LibvirtException e) {
                    ignoreIfGone(e);
                } finally {
                    domain.free();
                }
            }
            return result;
        });
    }

    @Override
    public Optional<RunningDomain> domain(UUID uuid) throws HypervisorException {
        return connection.call(
                "look up domain", connect -> with(connect, uuid, this::describe).flatMap(d -> d));
    }

    private Optional<RunningDomain> describe(Domain domain) throws LibvirtException {
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

    private static Optional<DomainOwner> owner(Domain domain) throws LibvirtException {
        try {
            return DomainMetadata.parse(domain.getMetadata(METADATA_ELEMENT, DomainMetadata.NAMESPACE, AFFECT_LIVE));
        } catch (LibvirtException e) {
            if (e.getError() != null && e.getError().getCode() == ErrorNumber.VIR_ERR_NO_DOMAIN_METADATA) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void start(String domainXml) throws HypervisorException {
        connection.call("create domain", connect -> {
            connect.domainCreateXML(domainXml, START_VALIDATE).free();
            return true;
        });
    }

    @Override
    public void requestShutdown(UUID uuid) throws HypervisorException {
        connection.call(
                "shut down domain",
                connect -> with(connect, uuid, domain -> {
                    domain.shutdown();
                    return true;
                }));
    }

    @Override
    public void destroy(UUID uuid) throws HypervisorException {
        connection.call(
                "destroy domain",
                connect -> with(connect, uuid, domain -> {
                    domain.destroy();
                    return true;
                }));
    }

    @Override
    public void onEvent(Consumer<DomainEvent> listener) {
        listeners.add(listener);
    }

    private int onLifecycle(Domain domain, org.libvirt.event.DomainEvent event) {
        try {
            UUID uuid = UUID.fromString(domain.getUUIDString());
            DomainEventType type = event.getType();
            if (type == DomainEventType.STOPPED) {
                StoppedDetail detail = event.getDetail();
                tell(new DomainEvent.Ended(uuid, end(detail)));
            } else if (type == DomainEventType.SUSPENDED) {
                tell(new DomainEvent.Paused(uuid));
            } else if (type == DomainEventType.STARTED || type == DomainEventType.RESUMED) {
                tell(new DomainEvent.Running(uuid));
            }
        } catch (LibvirtException | RuntimeException e) {
            // An exception must not travel back through the C library that called this.
            LOG.error("a domain event could not be read", e);
        }
        return 0;
    }

    private static DomainEnd end(StoppedDetail detail) {
        return switch (detail) {
            case SHUTDOWN -> DomainEnd.SHUTDOWN;
            case DESTROYED -> DomainEnd.DESTROYED;
            case CRASHED -> DomainEnd.CRASHED;
            // What libvirt says when QEMU's monitor closes without a shutdown: QEMU died or was killed.
            case FAILED -> DomainEnd.CRASHED;
            default -> DomainEnd.UNKNOWN;
        };
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

    /** Empty when there is no such domain, or there was and it ended meanwhile. */
    private static <T> Optional<T> with(Connect connect, UUID uuid, OnDomain<T> action) throws LibvirtException {
        Domain domain = null;
        try {
            domain = connect.domainLookupByUUID(uuid);
            return domain == null ? Optional.empty() : Optional.of(action.apply(domain));
        } catch (LibvirtException e) {
            ignoreIfGone(e);
            return Optional.empty();
        } finally {
            if (domain != null) {
                domain.free();
            }
        }
    }

    private static void ignoreIfGone(LibvirtException e) throws LibvirtException {
        ErrorNumber code = e.getError() == null ? null : e.getError().getCode();
        // A domain that ended between the look-up and the call is "not running" to libvirt.
        if (code != ErrorNumber.VIR_ERR_NO_DOMAIN && code != ErrorNumber.VIR_ERR_OPERATION_INVALID) {
            throw e;
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
