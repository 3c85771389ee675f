package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one controller's sync after every change that it is told of, and from time to time without one: always in the same
 * thread, and once for many changes that come together. A sync looks at everything, so a failed one is just tried again.
 */
final class SyncLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncLoop.class);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    private final String name;
    private final Duration resync;
    private final Runnable sync;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicBoolean poked = new AtomicBoolean();
    private volatile boolean paused;

    /** @param resync how long without a change before it syncs nevertheless */
    SyncLoop(String name, Duration resync, Runnable sync) {
        this.name = name;
        this.resync = resync;
        this.sync = sync;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread t = new Thread(task, name);
            t.setDaemon(true);
            return t;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** To be called once its owner is complete. */
    void start() {
        var unused = thread.scheduleWithFixedDelay(this::poke, 0, resync.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Something changed. */
    void poke() {
        if (!thread.isShutdown() && poked.compareAndSet(false, true)) {
            thread.execute(this::run);
        }
    }

    void pokeAfter(Duration delay) {
        if (!thread.isShutdown()) {
            var unused = thread.schedule(this::poke, Math.max(0, delay.toMillis()), TimeUnit.MILLISECONDS);
        }
    }

    /** Runs that in the same thread, where a sync of everything would be too much; not while paused, for resuming syncs all. */
    void execute(Runnable part) {
        executeAfter(Duration.ZERO, part);
    }

    void executeAfter(Duration delay, Runnable part) {
        if (!thread.isShutdown()) {
            var unused = thread.schedule(() -> attempt(part), Math.max(0, delay.toMillis()), TimeUnit.MILLISECONDS);
        }
    }

    /** No sync begins from now on until {@link #resume()}; one that runs is waited for. */
    void pause() {
        paused = true;
        if (!thread.isShutdown()) {
            try {
                thread.submit(() -> {}).get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    void resume() {
        paused = false;
        poke();
    }

    private void run() {
        poked.set(false);
        attempt(sync);
    }

    private void attempt(Runnable work) {
        if (paused) {
            return;
        }
        try {
            work.run();
        } catch (KubernetesClientException e) {
            // Conflicts and objects that went meanwhile are everyday events.
            LOG.debug("{}: {}", name, e.getMessage());
            pokeAfter(AFTER_FAILURE);
        } catch (RuntimeException e) {
            if (!thread.isShutdown()) {
                LOG.warn("{} failed and will be tried again", name, e);
                pokeAfter(AFTER_FAILURE);
            }
        }
    }

    /** A handler that pokes on every event. */
    <T> ResourceEventHandler<T> onAnyEvent() {
        return new OnAny<>(object -> poke());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("{} does not end", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
