package io.uefivm.api.v1alpha1;

/** When a virtual machine should be running. */
public enum RunStrategy {
    /** Runs until told otherwise; started again whatever ended it. */
    Always,
    /** Started again after a failure; left stopped when the guest shuts itself down. */
    RerunOnFailure,
    /** Runs one time and is not started again, however it ends. */
    Once,
    /** Not running; a running guest is shut down. */
    Halted
}
