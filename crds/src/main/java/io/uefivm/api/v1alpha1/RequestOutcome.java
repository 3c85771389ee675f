package io.uefivm.api.v1alpha1;

/** What came of a request. */
public enum RequestOutcome {
    Done,
    Refused
}
