package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the agent needs to know of a VM pod.
 *
 * @param uid UID of the pod
 * @param running kubelet says that it runs, so its volumes are mounted
 * @param stop since when it is being deleted and how long that may take
 */
public record PodView(String uid, boolean running, Optional<Stop> stop) {

    /**
     * A deletion.
     *
     * @param requested when the deletion was asked for
     * @param grace how long kubelet waits before it kills the pod
     */
    public record Stop(Instant requested, Duration grace) {
        /** Of the pod's grace, what committing the state and tidying up may take. */
        private static final Duration MARGIN = Duration.ofSeconds(30);

        /**
         * When the guest has to be gone: after the VM's own grace, and early enough before kubelet's that its state can
         * still be committed, even when somebody deleted the pod with a shorter grace.
         */
        Instant deadline(Duration vmGrace) {
            Duration margin = MARGIN.compareTo(grace.dividedBy(4)) < 0 ? MARGIN : grace.dividedBy(4);
            Duration left = grace.minus(margin);
            return requested.plus(vmGrace.compareTo(left) < 0 ? vmGrace : left);
        }
    }

    /** Reads a pod. */
    public static PodView of(Pod pod) {
        Optional<Stop> stop = Optional.empty();
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            Long seconds = pod.getMetadata().getDeletionGracePeriodSeconds();
            Duration grace = Duration.ofSeconds(seconds == null ? 0 : seconds);
            // The API server sets the timestamp to the end of the grace period, not to the moment of the request.
            Instant end = Instant.parse(pod.getMetadata().getDeletionTimestamp());
            stop = Optional.of(new Stop(end.minus(grace), grace));
        }
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return new PodView(pod.getMetadata().getUid(), "Running".equals(phase), stop);
    }
}
