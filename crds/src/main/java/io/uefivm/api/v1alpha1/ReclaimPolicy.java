package io.uefivm.api.v1alpha1;

/** What becomes of the NVRAM and TPM state when the VM is deleted. */
public enum ReclaimPolicy {
    Delete,
    Retain
}
