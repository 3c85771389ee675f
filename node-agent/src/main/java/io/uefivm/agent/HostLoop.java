package io.uefivm.agent;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.uefivm.agent.host.Heartbeat;
import io.uefivm.agent.host.HostAbilities;
import io.uefivm.agent.host.HostReporter;
import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.vm.OrphanSweep;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent does for its host whatever its VMs do: renews the heartbeat, reports what the host can do, and ends
 * domains that should not be there. One thread; each task is tried again at its next turn.
 */
final class HostLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostLoop.class);
    private static final Duration FIRST_REPORT = Duration.ofSeconds(1);
    private static final Duration REPORT = Duration.ofMinutes(1);
    /** How long a new firmware build may stay unknown, about twice: see {@link HostAbilities#changed}. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration SWEEP = Duration.ofSeconds(15);

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "host");
        thread.setDaemon(true);
        return thread;
    });
    private final HostReporter reporter;
    private final HostAbilities host;
    private final OrphanSweep sweep;
    private volatile boolean reported;

    HostLoop(Heartbeat heartbeat, HostReporter reporter, HostAbilities host, OrphanSweep sweep, Hypervisor hypervisor) {
        this.reporter = reporter;
        this.host = host;
        this.sweep = sweep;
        every(Heartbeat.INTERVAL, "heartbeat", heartbeat::beat);
        every(SWEEP, "sweep", sweep::sweep);
        executor.execute(this::report);
        every(LOOK, "look at the host", this::reportChange);
        hypervisor.onEvent(event -> {
            if (event instanceof DomainEvent.Reconnected) {
                executor.execute(guarded("report", this::reportNow));
                executor.execute(guarded("sweep", sweep::sweep));
            }
        });
    }

    /** Looks for orphans now, because something happened that may have made one. */
    void sweepSoon() {
        executor.execute(guarded("sweep", sweep::sweep));
    }

    /** Whether the host's abilities stand in its UefiHost. */
    boolean hasReported() {
        return reported;
    }

    /** Until the operator has made the UefiHost, every second; then every minute. */
    private void report() {
        guarded("report", this::reportNow).run();
        Duration next = reported ? REPORT : FIRST_REPORT;
        executor.schedule(this::report, next.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void reportNow() {
        if (reporter.report(host.status())) {
            reported = true;
        }
    }

    private void reportChange() {
        if (host.changed()) {
            reportNow();
        }
    }

    private void every(Duration interval, String name, Task task) {
        executor.scheduleWithFixedDelay(guarded(name, task), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** An exception that escapes would end a periodic task for ever. */
    private static Runnable guarded(String name, Task task) {
        return () -> {
            try {
                task.run();
            } catch (KubernetesClientException | HypervisorException e) {
                LOG.warn("{} failed, will be tried again: {}", name, cause(e));
            } catch (RuntimeException e) {
                LOG.error("{} failed, will be tried again", name, e);
            }
        };
    }

    /** The client says what it wanted; why it failed is in the cause. */
    private static String cause(Exception e) {
        return e.getCause() == null ? String.valueOf(e.getMessage()) : e.getMessage() + " " + e.getCause();
    }

    private interface Task {
        void run() throws HypervisorException;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
