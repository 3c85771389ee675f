package io.uefivm.agent.vm;

import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Instant;

/** What the agent does next for one VM. */
public sealed interface NextStep {
    /** Nothing, until something changes. */
    record Nothing() implements NextStep {}

    /** The objects seen are older than what this host does already: look again when they have caught up. */
    record CatchUp() implements NextStep {}

    /** Prepare the state and start the domain. */
    record Start() implements NextStep {}

    /** The domain does something that status does not say yet. */
    record Report(DomainState state) implements NextStep {}

    /** Ask the guest to shut down, again if need be, until the deadline. */
    record Shutdown(Instant deadline) implements NextStep {}

    /** End the domain now, then commit its state. */
    record Destroy(Reason reason) implements NextStep {}

    /** End a domain of an earlier epoch; nobody will read what it wrote. */
    record Discard() implements NextStep {}

    /** The domain is gone and nobody has said so yet: commit its state and say how it ended. */
    record Conclude() implements NextStep {}

    /** All is said and committed: let the pod's container end. */
    record Release() implements NextStep {}
}
