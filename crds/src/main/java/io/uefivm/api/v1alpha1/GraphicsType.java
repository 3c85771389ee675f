package io.uefivm.api.v1alpha1;

/** How the guest's screen can be reached. */
public enum GraphicsType {
    /** An emulated screen, reachable by VNC on the loopback address of the host. */
    VNC,
    /** No emulated screen. */
    None
}
