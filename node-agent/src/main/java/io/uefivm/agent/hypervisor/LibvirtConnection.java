package io.uefivm.agent.hypervisor;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to libvirt that comes back: when libvirtd ends or stops answering, calls fail with {@link
 * HypervisorException.Kind#UNAVAILABLE} until it is there again.
 */
final class LibvirtConnection {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtConnection.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    /** A libvirtd that answers no keepalive for a minute is gone; a busy one answers within seconds. */
    private static final int KEEPALIVE_SECONDS = 5;

    private static final int KEEPALIVE_COUNT = 12;

    private final String uri;
    private final LibvirtEvents.Listener lifecycle;
    private final LibvirtEvents.AgentListener guestAgent;
    private final LibvirtEvents.WatchdogListener watchdog;
    private final Runnable reconnected;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "libvirt-connect");
        thread.setDaemon(true);
        return thread;
    });
    /** Calls hold it for reading: a connection closed under a call crashes the process. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private volatile @Nullable Link link;
    private boolean closed;
    private boolean missedEvents;
    private Duration retry = FIRST_RETRY;

    private record Link(LibvirtEvents.Connection connection, LibvirtEvents events) {}

    LibvirtConnection(
            String uri,
            LibvirtEvents.Listener lifecycle,
            LibvirtEvents.AgentListener guestAgent,
            LibvirtEvents.WatchdogListener watchdog,
            Runnable reconnected) {
        this.uri = uri;
        this.lifecycle = lifecycle;
        this.guestAgent = guestAgent;
        this.watchdog = watchdog;
        this.reconnected = reconnected;
    }

    /** Tries to connect now, and from then on whenever there is no connection. */
    void open() {
        LibvirtEventLoop.ensureRunning();
        connect();
    }

    private void connect() {
        try {
            Link fresh = link();
            boolean installed;
            lock.writeLock().lock();
            try {
                installed = !closed;
                link = installed ? fresh : null;
            } finally {
                lock.writeLock().unlock();
            }
            if (!installed) {
                close(fresh);
                return;
            }
            LOG.info("connected to libvirt uri={}", uri);
            retry = FIRST_RETRY;
            if (missedEvents) {
                reconnected.run();
            }
        } catch (LibvirtException | RuntimeException e) {
            if (!missedEvents || retry.equals(FIRST_RETRY)) {
                LOG.warn("libvirt does not answer, trying on uri={}: {}", uri, e.getMessage());
            }
            schedule(this::connect, retry);
            retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        }
        missedEvents = true;
    }

    private Link link() throws LibvirtException {
        var connection = new LibvirtEvents.Connection(uri);
        try {
            connection.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
            connection.registerCloseListener((gone, reason) -> lost(connection, "closed: " + reason));
            return new Link(connection, LibvirtEvents.register(connection, lifecycle, guestAgent, watchdog));
        } catch (LibvirtException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** May be called from the event loop, which closing would wait for: another thread does it. */
    private void lost(Connect gone, String reason) {
        schedule(
                () -> {
                    lock.writeLock().lock();
                    try {
                        Link current = link;
                        if (current == null || current.connection() != gone) {
                            return;
                        }
                        link = null;
                        LOG.warn("connection to libvirt lost uri={} reason={}", uri, reason);
                        close(current);
                    } finally {
                        lock.writeLock().unlock();
                    }
                    connect();
                },
                Duration.ZERO);
    }

    private void schedule(Runnable task, Duration delay) {
        try {
            executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed meanwhile");
        }
    }

    /** Each registration holds a reference; a connection that is only closed would keep its socket for ever. */
    private static void close(Link link) {
        link.events().deregister();
        try {
            link.connection().unregisterCloseListener();
        } catch (LibvirtException e) {
            LOG.debug("unregistering from a lost connection: {}", e.getMessage());
        }
        try {
            int left = link.connection().close();
            if (left > 0) {
                LOG.warn("a closed libvirt connection is still referenced references={}", left);
            }
        } catch (LibvirtException e) {
            LOG.debug("closing a lost connection: {}", e.getMessage());
        }
    }

    interface Call<T> {
        T on(Connect connect) throws LibvirtException;
    }

    /**
     * Makes a call.
     *
     * @throws HypervisorException UNAVAILABLE without a connection, when it broke or libvirt ran into a time-out,
     *     REFUSED for any other error
     */
    <T> T call(String what, Call<T> call) throws HypervisorException {
        lock.readLock().lock();
        try {
            Link current = link;
            if (current == null) {
                throw new HypervisorException(
                        HypervisorException.Kind.UNAVAILABLE,
                        "libvirt at " + uri + " does not answer; is libvirtd running?",
                        null);
            }
            try {
                return call.on(current.connection());
            } catch (LibvirtException e) {
                boolean broken = !isAlive(current.connection());
                if (broken) {
                    lost(current.connection(), String.valueOf(e.getMessage()));
                }
                throw new HypervisorException(
                        broken || ranIntoTimeout(e)
                                ? HypervisorException.Kind.UNAVAILABLE
                                : HypervisorException.Kind.REFUSED,
                        what + ": " + e.getMessage(),
                        e);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Asked of the client library, not of libvirtd. */
    private static boolean isAlive(Connect connect) {
        try {
            return connect.isAlive();
        } catch (LibvirtException dead) {
            return false;
        }
    }

    private static boolean ranIntoTimeout(LibvirtException e) {
        return e.getError() != null && e.getError().getCode() == ErrorNumber.VIR_ERR_OPERATION_TIMEOUT;
    }

    /** Whether a call failed because libvirt, which answers, waited in vain. */
    static boolean isTimeout(HypervisorException e) {
        return e.getCause() instanceof LibvirtException cause && ranIntoTimeout(cause);
    }

    void close() {
        executor.shutdownNow();
        lock.writeLock().lock();
        try {
            closed = true;
            Link current = link;
            link = null;
            if (current != null) {
                close(current);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
