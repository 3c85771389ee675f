package io.uefivm.api.v1alpha1;

/** What the variable store says about Secure Boot. */
public enum SecureBootState {
    /** A platform key is enrolled and verification is on. */
    Enforcing,
    /** Firmware that can enforce, but no platform key. */
    SetupMode,
    Off
}
