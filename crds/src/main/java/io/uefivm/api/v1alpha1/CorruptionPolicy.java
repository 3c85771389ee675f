package io.uefivm.api.v1alpha1;

/** What a start makes of NVRAM whose newest state cannot be used. */
public enum CorruptionPolicy {
    /** It begins from the newest state that is good; what was not used is kept and named. */
    Recover,
    /** It waits for a person to ask for a restore or a reset. */
    Refuse
}
