package io.uefivm.api.v1alpha1;

/** How firmware code and variables lie in the guest's flash memory. */
public enum FirmwareLayout {
    /** Code of the host, shared and read-only; variables in a file of the VM. */
    Split,
    /** Both in one image of the VM, made anew for each start from the host's code and the VM's variables. */
    Combined,
    /** Code of the host alone: variables are gone with the guest. */
    Stateless
}
