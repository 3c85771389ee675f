package io.uefivm.api.v1alpha1;

/** What can be asked of a variable store. */
public enum NvramAction {
    /** Secure Boot keys as the spec declares them now; every other variable stays. Changes PCR 7. */
    EnrollKeys,
    /** The store of an earlier generation. */
    Restore,
    /** A store as at the very first start, keys as the spec declares them now. */
    FactoryReset,
    /** Secure Boot keys stay as they are; every other variable goes. */
    ResetKeepingKeys,
    /** All variables, in a store of the size that the firmware of the next start has. */
    Convert
}
