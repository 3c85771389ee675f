package io.uefivm.agent.hypervisor;

/** How a domain ended, as libvirt tells it. */
public enum DomainEnd {
    /** The guest shut itself down, by its own will or because it was asked to. */
    SHUTDOWN,
    /** It was ended from outside: destroyed, or QEMU got a signal from the host, as when the host goes down. */
    DESTROYED,
    /** QEMU died or the guest panicked. */
    CRASHED,
    /** It never came to run. */
    FAILED,
    /** Nobody saw it end, or it went on elsewhere. */
    UNKNOWN
}
