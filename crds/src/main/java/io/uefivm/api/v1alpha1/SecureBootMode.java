package io.uefivm.api.v1alpha1;

/** What the spec asks of Secure Boot; SMM, firmware build and variables follow from it. */
public enum SecureBootMode {
    /** Keys are enrolled and enforced. */
    Enabled,
    /** Firmware that can enforce, no keys yet: the guest enrols its own. */
    SetupMode,
    /** Nothing is verified. */
    Disabled
}
