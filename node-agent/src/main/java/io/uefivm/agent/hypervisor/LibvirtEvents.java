package io.uefivm.agent.hypervisor;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/**
 * Lifecycle events straight from the C library. libvirt-java has them too, but knows no detail of SHUTDOWN: whether the
 * guest went down by itself or QEMU got a signal from the host looks the same in it.
 */
final class LibvirtEvents {
    /** VIR_DOMAIN_EVENT_ID_LIFECYCLE. */
    private static final int LIFECYCLE = 0;
    /** VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, whose callback has the shape of the other's. */
    private static final int AGENT_LIFECYCLE = 18;
    /** VIR_DOMAIN_EVENT_ID_WATCHDOG. */
    private static final int WATCHDOG = 3;
    /** VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED. */
    private static final int CONNECTED = 1;

    /** The connection whose pointer libvirt-java keeps to subclasses. */
    static final class Connection extends Connect {
        Connection(String uri) throws LibvirtException {
            super(uri);
        }

        private Pointer pointer() {
            return vcp.getPointer();
        }
    }

    /** A lifecycle event with the numbers of libvirt-domain.h. */
    interface Listener {
        void onLifecycle(UUID domain, int event, int detail);
    }

    /** A guest agent opened or closed its channel. */
    interface AgentListener {
        void onGuestAgent(UUID domain, boolean connected);
    }

    /** A watchdog fired, with virDomainEventWatchdogAction of libvirt-domain.h. */
    interface WatchdogListener {
        void onWatchdog(UUID domain, int action);
    }

    private interface Virt extends Library {
        int virConnectDomainEventRegisterAny(
                Pointer connect,
                @Nullable Pointer domain,
                int eventId,
                Callback callback,
                @Nullable Pointer opaque,
                @Nullable Pointer freeCallback);

        int virConnectDomainEventDeregisterAny(Pointer connect, int callbackId);

        int virDomainGetUUID(Pointer domain, byte[] uuid);
    }

    private interface Lifecycle extends Callback {
        int invoke(Pointer connect, Pointer domain, int event, int detail, @Nullable Pointer opaque);
    }

    private interface Watchdog extends Callback {
        void invoke(Pointer connect, Pointer domain, int action, @Nullable Pointer opaque);
    }

    private static final Virt VIRT = Native.load("virt", Virt.class);

    private final Connection connection;
    /** Held because the C library's pointer to them does not keep them from being collected. */
    @SuppressWarnings("unused")
    private final List<Callback> callbacks;

    private final List<Integer> ids;

    private LibvirtEvents(Connection connection, List<Callback> callbacks, List<Integer> ids) {
        this.connection = connection;
        this.callbacks = callbacks;
        this.ids = ids;
    }

    /**
     * Asks for the events of all domains; they come on the thread of the event loop.
     *
     * @throws IllegalStateException when libvirt refuses
     */
    static LibvirtEvents register(
            Connection connection, Listener listener, AgentListener agents, WatchdogListener watchdogs) {
        Lifecycle lifecycle = (connect, domain, event, detail, opaque) -> {
            uuid(domain).ifPresent(uuid -> listener.onLifecycle(uuid, event, detail));
            return 0;
        };
        Lifecycle agent = (connect, domain, state, reason, opaque) -> {
            uuid(domain).ifPresent(uuid -> agents.onGuestAgent(uuid, state == CONNECTED));
            return 0;
        };
        Watchdog watchdog =
                (connect, domain, action, opaque) -> uuid(domain).ifPresent(uuid -> watchdogs.onWatchdog(uuid, action));
        return new LibvirtEvents(
                connection,
                List.of(lifecycle, agent, watchdog),
                List.of(
                        register(connection, LIFECYCLE, lifecycle),
                        register(connection, AGENT_LIFECYCLE, agent),
                        register(connection, WATCHDOG, watchdog)));
    }

    private static int register(Connection connection, int event, Callback callback) {
        int id = VIRT.virConnectDomainEventRegisterAny(connection.pointer(), null, event, callback, null, null);
        if (id < 0) {
            throw new IllegalStateException("libvirt does not report domain events on this connection");
        }
        return id;
    }

    private static Optional<UUID> uuid(Pointer domain) {
        byte[] uuid = new byte[16];
        if (VIRT.virDomainGetUUID(domain, uuid) != 0) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(uuid);
        return Optional.of(new UUID(bytes.getLong(), bytes.getLong()));
    }

    /** Ends it. A registration holds a reference to its connection, which would otherwise never be closed. */
    void deregister() {
        ids.forEach(id -> VIRT.virConnectDomainEventDeregisterAny(connection.pointer(), id));
    }
}
