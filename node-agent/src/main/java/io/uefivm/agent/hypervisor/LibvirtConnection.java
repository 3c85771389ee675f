package io.uefivm.agent.hypervisor;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.event.LifecycleListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to libvirt that comes back: when libvirtd ends, calls fail with {@link
 * HypervisorException.Kind#UNAVAILABLE} until it is there again.
 */
final class LibvirtConnection {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtConnection.class);
    private static final int RECONNECT_MILLIS = 500;
    private static final int KEEPALIVE_SECONDS = 5;
    private static final int KEEPALIVE_COUNT = 6;

    static {
        startEventLoop();
    }

    private final String uri;
    private final LifecycleListener lifecycle;
    private final Runnable reconnected;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "libvirt-reconnect");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable Connect connect;
    private boolean connectedBefore;
    private boolean complained;

    LibvirtConnection(String uri, LifecycleListener lifecycle, Runnable reconnected) {
        this.uri = uri;
        this.lifecycle = lifecycle;
        this.reconnected = reconnected;
    }

    /**
     * The event loop has to be registered before the first connection is made, and to run for keepalives to be
     * answered; without that long operations lose their connection (CloudStack PR 8437).
     */
    private static void startEventLoop() {
        try {
            Library.initEventLoop();
            // libvirt prints errors to standard error unless it is given somewhere else to put them.
            Connect.setErrorCallback((userData, error) -> {});
        } catch (LibvirtException e) {
            throw new IllegalStateException("libvirt's event loop cannot be registered", e);
        }
        Thread loop = new Thread(
                () -> {
                    while (true) {
                        try {
                            Library.processEvent();
                        } catch (LibvirtException | RuntimeException e) {
                            LOG.error("libvirt's event loop", e);
                        }
                    }
                },
                "libvirt-events");
        loop.setDaemon(true);
        loop.start();
    }

    /** Tries to connect now, and from then on whenever there is no connection. */
    void open() {
        ensureConnected();
        executor.scheduleWithFixedDelay(
                this::ensureConnected, RECONNECT_MILLIS, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void ensureConnected() {
        if (connect != null) {
            return;
        }
        try {
            Connect fresh = new Connect(uri);
            fresh.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
            fresh.addLifecycleListener(lifecycle);
            fresh.registerCloseListener((closed, reason) -> lost(fresh, String.valueOf(reason)));
            connect = fresh;
            complained = false;
            LOG.info("connected to libvirt uri={}", uri);
            if (connectedBefore) {
                reconnected.run();
            }
            connectedBefore = true;
        } catch (LibvirtException | RuntimeException e) {
            if (!complained) {
                LOG.warn("libvirt does not answer, trying on uri={}: {}", uri, e.getMessage());
                complained = true;
            }
        }
    }

    private void lost(Connect gone, String reason) {
        // Called from the event loop: closing here would wait for the loop itself, so the other thread does it.
        executor.execute(() -> {
            synchronized (this) {
                if (connect == gone) {
                    LOG.warn("connection to libvirt lost uri={} reason={}", uri, reason);
                    connect = null;
                    close(gone);
                }
            }
        });
    }

    private static void close(Connect gone) {
        try {
            gone.close();
        } catch (LibvirtException e) {
            LOG.debug("closing a lost connection", e);
        }
    }

    interface Call<T> {
        T on(Connect connect) throws LibvirtException;
    }

    /**
     * Makes a call.
     *
     * @throws HypervisorException UNAVAILABLE without a connection or when it broke, REFUSED for any other error
     */
    <T> T call(String what, Call<T> call) throws HypervisorException {
        Connect current = connect;
        if (current == null) {
            throw new HypervisorException(
                    HypervisorException.Kind.UNAVAILABLE,
                    "libvirt at " + uri + " does not answer; is libvirtd running?",
                    null);
        }
        try {
            return call.on(current);
        } catch (LibvirtException e) {
            boolean broken = isBroken(current, e);
            if (broken) {
                lost(current, String.valueOf(e.getMessage()));
            }
            throw new HypervisorException(
                    broken ? HypervisorException.Kind.UNAVAILABLE : HypervisorException.Kind.REFUSED,
                    what + ": " + e.getMessage(),
                    e);
        }
    }

    private static boolean isBroken(Connect connect, LibvirtException e) {
        ErrorNumber code = e.getError() == null ? null : e.getError().getCode();
        if (code == ErrorNumber.VIR_ERR_RPC
                || code == ErrorNumber.VIR_ERR_NO_CONNECT
                || code == ErrorNumber.VIR_ERR_INVALID_CONN) {
            return true;
        }
        try {
            return !connect.isAlive();
        } catch (LibvirtException dead) {
            return true;
        }
    }

    synchronized void close() {
        executor.shutdownNow();
        Connect current = connect;
        connect = null;
        if (current != null) {
            close(current);
        }
    }
}
