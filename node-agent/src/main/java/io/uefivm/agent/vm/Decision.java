package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * What to do next for a VM: a table over its pod, its domain and what was said of it. Pure; the same situation gives
 * the same answer after any restart, because nothing but Kubernetes, libvirt and the claim is asked.
 */
public final class Decision {
    private Decision() {}

    /** Decides for the moment {@code now}. */
    public static NextStep decide(Situation situation, Instant now) {
        return situation
                .domain()
                .map(domain -> withDomain(situation, domain, now))
                .orElseGet(() -> withoutDomain(situation));
    }

    private static NextStep withDomain(Situation situation, RunningDomain domain, Instant now) {
        if (domain.owner().epoch() > situation.epoch()) {
            return new NextStep.CatchUp();
        }
        if (domain.owner().epoch() < situation.epoch()) {
            return new NextStep.Discard();
        }
        if (domain.state() == RunningDomain.State.ENDED) {
            return new NextStep.CatchUp();
        }
        Optional<PodView> own =
                situation.pod().filter(pod -> pod.uid().equals(domain.owner().podUid()));
        if (own.isEmpty()) {
            // Force-deleted. The VM may start elsewhere any moment and its disks have no epochs: no time to ask.
            return new NextStep.Destroy(Reason.Destroyed);
        }
        Optional<PodView.Stop> stop = own.get().stop();
        if (stop.isPresent()) {
            Instant deadline = stop.get().deadline(situation.grace());
            return now.isBefore(deadline)
                    ? new NextStep.Shutdown(deadline)
                    : new NextStep.Destroy(Reason.GracePeriodExceeded);
        }
        DomainState state = switch (domain.state()) {
            case PAUSED -> DomainState.Paused;
            case SHUTTING_DOWN -> DomainState.Stopping;
            case RUNNING, ENDED -> DomainState.Running;
        };
        boolean said =
                situation.reportedNow().map(status -> status.state() == state).orElse(false);
        return said ? new NextStep.Nothing() : new NextStep.Report(state);
    }

    private static NextStep withoutDomain(Situation situation) {
        Optional<DomainStatus> reported = situation.reportedNow();
        if (reported.isPresent()) {
            return switch (reported.get().state()) {
                case Running, Paused, Stopping -> new NextStep.Conclude();
                case Stopped, Failed -> situation.pod().isPresent() ? new NextStep.Release() : new NextStep.Nothing();
            };
        }
        if (situation.pod().isEmpty()) {
            return new NextStep.Nothing();
        }
        PodView pod = situation.pod().get();
        if (pod.stop().isPresent()) {
            return new NextStep.Release();
        }
        return pod.running() ? new NextStep.Start() : new NextStep.Nothing();
    }
}
