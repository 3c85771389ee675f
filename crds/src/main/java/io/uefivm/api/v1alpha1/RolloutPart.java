package io.uefivm.api.v1alpha1;

/** What a VM that has run before does with new firmware, under a policy of the operator that rolls it out. */
public enum RolloutPart {
    /** It starts with the build that it ran with last and with no other, as if its spec pinned that. */
    Held,
    /** It starts with the build that its host lists first, also where the one that it ran with last is still there. */
    Taking
}
