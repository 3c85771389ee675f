package io.uefivm.api.v1alpha1;

/** Attributes of a declared UEFI variable, as in the UEFI specification, section 8.2. */
public enum VariableAttribute {
    NonVolatile,
    BootServiceAccess,
    RuntimeAccess
}
