package io.uefivm.api.v1alpha1;

/** What the libvirt domain of an epoch is doing. */
public enum DomainState {
    Running,
    Paused,
    Stopping,
    /** It ran and is gone; the reason tells how. */
    Stopped,
    /** It never ran; the reason tells why. */
    Failed
}
