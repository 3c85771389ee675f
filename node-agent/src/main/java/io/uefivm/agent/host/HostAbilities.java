package io.uefivm.agent.host;

import io.uefivm.api.v1alpha1.UefiHostStatus;

/** What an agent can say of its host. */
public interface HostAbilities {
    /** All of it, as it is now. */
    UefiHostStatus status();

    /** Whether something came or went since {@link #status} that should be said at once. Cheap: asked every few seconds. */
    default boolean changed() {
        return false;
    }
}
