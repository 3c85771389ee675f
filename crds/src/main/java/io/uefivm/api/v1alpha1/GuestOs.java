package io.uefivm.api.v1alpha1;

/** The guest's family: the clock and the enlightenments follow from it. */
public enum GuestOs {
    Linux,
    Windows
}
