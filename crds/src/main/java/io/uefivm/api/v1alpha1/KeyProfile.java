package io.uefivm.api.v1alpha1;

/** Which Secure Boot keys a new variable store carries. */
public enum KeyProfile {
    /** Microsoft's 2011 and 2023 certificate authorities, the same on every host. */
    Microsoft,
    /** Whatever the host's own enrolled template carries. */
    HostTemplate,
    /** As the spec's own sources say. */
    Custom
}
