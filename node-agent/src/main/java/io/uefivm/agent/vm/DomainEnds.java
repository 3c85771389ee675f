package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.DomainEnd;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * How domains ended, from libvirt's events, until it was said in status. When the agent was away, libvirt's log may
 * still tell; else it is {@link Reason#DomainLost}.
 */
final class DomainEnds {
    private final Map<UUID, DomainEnd> ends = new ConcurrentHashMap<>();
    private final Map<UUID, Reason> ordered = new ConcurrentHashMap<>();
    private final Set<UUID> poweredOffByWatchdog = ConcurrentHashMap.newKeySet();
    private final Set<UUID> resetByWatchdog = ConcurrentHashMap.newKeySet();

    void ended(UUID domain, DomainEnd end) {
        ends.put(domain, end);
    }

    /**
     * The guest hung, as far as its watchdog can tell.
     *
     * @param poweredOff whether that ends the domain, or else resets the guest
     */
    void watchdogFired(UUID domain, boolean poweredOff) {
        (poweredOff ? poweredOffByWatchdog : resetByWatchdog).add(domain);
    }

    /** Whether its watchdog has reset the guest since this was asked last. */
    boolean wasReset(UUID domain) {
        return resetByWatchdog.remove(domain);
    }

    /** This agent ends or has asked the domain to end, and this is why. */
    void order(UUID domain, Reason reason) {
        ordered.put(domain, reason);
    }

    void forget(UUID domain) {
        ends.remove(domain);
        ordered.remove(domain);
        poweredOffByWatchdog.remove(domain);
    }

    /**
     * Why the domain is gone.
     *
     * @param trace what libvirt left behind about a domain that nobody saw end
     */
    Reason reason(UUID domain, Supplier<DomainEnd> trace) {
        if (poweredOffByWatchdog.contains(domain)) {
            // QEMU just exits then, which looks like a crash.
            return Reason.WatchdogFired;
        }
        DomainEnd seen = ends.get(domain);
        DomainEnd end = seen == null ? trace.get() : seen;
        Reason order = ordered.get(domain);
        return switch (end) {
            case SHUTDOWN -> order == null ? Reason.GuestShutdown : order;
            case DESTROYED -> order == null ? Reason.Destroyed : order;
            case CRASHED, FAILED -> Reason.Crashed;
            case UNKNOWN -> order == null ? Reason.DomainLost : order;
        };
    }

    /** The reason for people. */
    static String text(Reason reason, DomainStatus domain) {
        return switch (reason) {
            case GuestShutdown -> "The guest shut itself down";
            case StopRequested -> "The guest shut down as it was asked to";
            case GracePeriodExceeded ->
                "The guest did not shut down within its grace period and was powered off; raise"
                        + " spec.terminationGracePeriodSeconds if it needs longer";
            case Crashed ->
                "QEMU died; its log is /var/log/libvirt/qemu/" + domain.name() + ".log on " + domain.nodeName();
            case Destroyed -> "The domain was destroyed";
            case WatchdogFired -> "The guest fed its watchdog no more and was powered off; look into its logs";
            default -> "The domain is gone and nobody saw how; the host may have been rebooted";
        };
    }
}
