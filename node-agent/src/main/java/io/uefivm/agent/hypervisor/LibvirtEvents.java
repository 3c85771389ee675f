package io.uefivm.agent.hypervisor;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
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

    private interface Virt extends Library {
        int virConnectDomainEventRegisterAny(
                Pointer connect,
                @Nullable Pointer domain,
                int eventId,
                Lifecycle callback,
                @Nullable Pointer opaque,
                @Nullable Pointer freeCallback);

        int virConnectDomainEventDeregisterAny(Pointer connect, int callbackId);

        int virDomainGetUUID(Pointer domain, byte[] uuid);
    }

    private interface Lifecycle extends Callback {
        int invoke(Pointer connect, Pointer domain, int event, int detail, @Nullable Pointer opaque);
    }

    private static final Virt VIRT = Native.load("virt", Virt.class);

    private final Connection connection;
    /** Held because the C library's pointer to it does not keep it from being collected. */
    @SuppressWarnings("unused")
    private final Lifecycle callback;

    private final int id;

    private LibvirtEvents(Connection connection, Lifecycle callback, int id) {
        this.connection = connection;
        this.callback = callback;
        this.id = id;
    }

    /**
     * Asks for the events of all domains; they come on the thread of the event loop.
     *
     * @throws IllegalStateException when libvirt refuses
     */
    static LibvirtEvents register(Connection connection, Listener listener) {
        Lifecycle callback = (connect, domain, event, detail, opaque) -> {
            byte[] uuid = new byte[16];
            if (VIRT.virDomainGetUUID(domain, uuid) == 0) {
                ByteBuffer bytes = ByteBuffer.wrap(uuid);
                listener.onLifecycle(new UUID(bytes.getLong(), bytes.getLong()), event, detail);
            }
            return 0;
        };
        int id = VIRT.virConnectDomainEventRegisterAny(connection.pointer(), null, LIFECYCLE, callback, null, null);
        if (id < 0) {
            throw new IllegalStateException("libvirt does not report domain events on this connection");
        }
        return new LibvirtEvents(connection, callback, id);
    }

    /** Ends it. A registration holds a reference to its connection, which would otherwise never be closed. */
    void deregister() {
        VIRT.virConnectDomainEventDeregisterAny(connection.pointer(), id);
    }
}
