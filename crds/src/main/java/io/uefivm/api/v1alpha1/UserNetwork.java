package io.uefivm.api.v1alpha1;

/** Outbound-only networking by QEMU itself. */
public record UserNetwork() {}
