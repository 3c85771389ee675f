package io.uefivm.agent.hypervisor;

/** How a domain ended, as libvirt tells it. */
public enum DomainEnd {
    /** The guest shut itself down, by its own will or because it was asked to. */
    SHUTDOWN,
    /** It was destroyed from outside. */
    DESTROYED,
    /** QEMU died or the guest panicked. */
    CRASHED,
    /** It never came to run. */
    FAILED,
    /** Nobody saw it end. */
    UNKNOWN
}
