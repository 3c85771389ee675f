package io.uefivm.api.v1alpha1;

/** What becomes of Microsoft's entries in a Secure Boot variable that the spec gives content for. */
public enum KeyListMode {
    /** They stay, the given ones come after them. */
    Append,
    /** The given ones alone. */
    Replace
}
