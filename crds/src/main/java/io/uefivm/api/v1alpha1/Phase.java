package io.uefivm.api.v1alpha1;

/** A summary for people; conditions are the contract. */
public enum Phase {
    /** Not placed yet, or something is missing. */
    Pending,
    /** Waiting for kube-scheduler and volumes. */
    Scheduling,
    /** Placed; the node agent prepares its state and starts the domain. */
    Starting,
    Running,
    /** The guest's CPUs are stopped, for example after an I/O error. */
    Paused,
    /** The guest was asked to shut down. */
    Stopping,
    Stopped,
    /** Cannot run until something changes; {@code Stalled} or {@code Ready} names the cause. */
    Failed
}
