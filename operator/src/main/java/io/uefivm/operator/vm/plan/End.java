package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an epoch ended.
 *
 * @param ran the domain ran at all
 * @param prompt the next start need not wait unless this happens again and again: nothing is known to be wrong
 */
record End(Reason reason, String message, boolean ran, boolean prompt, Instant at, Duration ranFor) {

    /**
     * The end of an epoch whose pod is gone, or over without a report within the time for it.
     *
     * @param said what the agent said last of the epoch's domain
     * @param podTrouble what kubelet said of a pod that is over
     * @param now when its end was noticed
     */
    static End of(Optional<DomainStatus> said, Optional<String> podTrouble, Instant now) {
        if (said.isEmpty()) {
            String message = podTrouble
                    .map(trouble -> "the VM's pod failed before the domain started: " + trouble)
                    .orElse("the VM's pod was taken away before the domain started");
            return new End(Reason.PodFailed, message, false, podTrouble.isEmpty(), now, Duration.ZERO);
        }
        DomainStatus domain = said.get();
        // A host whose clock is ahead must not put the next start off.
        Instant at = time(domain.endTime()).filter(now::isAfter).orElse(now);
        Duration ranFor = time(domain.startTime())
                .map(start -> Duration.between(start, at))
                .filter(duration -> !duration.isNegative())
                .orElse(Duration.ZERO);
        return switch (domain.state()) {
            case Failed -> new End(domain.reason(), text(domain), false, false, at, Duration.ZERO);
            case Stopped -> new End(domain.reason(), text(domain), true, Ends.isPrompt(domain.reason()), at, ranFor);
            case Running, Paused, Stopping ->
                new End(
                        Reason.DomainLost,
                        "the VM's pod was taken away and the agent of node " + domain.nodeName()
                                + " has not said how the domain ended",
                        true,
                        true,
                        now,
                        ranFor);
        };
    }

    static String text(DomainStatus domain) {
        String message = domain.message();
        return message == null || message.isEmpty() ? Ends.describe(domain.reason()) : message;
    }

    private static Optional<Instant> time(@Nullable String rfc3339) {
        return Optional.ofNullable(rfc3339).map(Instant::parse);
    }
}
