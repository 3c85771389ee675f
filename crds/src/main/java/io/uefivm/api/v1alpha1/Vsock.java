package io.uefivm.api.v1alpha1;

/** A virtio socket between the guest and its host. */
public record Vsock() {}
