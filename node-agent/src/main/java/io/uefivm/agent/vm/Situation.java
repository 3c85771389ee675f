package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.DomainStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * All that the next step for a VM depends on.
 *
 * @param epoch the epoch that the operator raised
 * @param grace how long the guest may take to shut down
 * @param pod the VM pod of that epoch on this node
 * @param domain this VM's domain on this host, of whatever epoch
 * @param reported what this or another host said last of a domain of this VM
 */
public record Situation(
        long epoch,
        Duration grace,
        Optional<PodView> pod,
        Optional<RunningDomain> domain,
        Optional<DomainStatus> reported) {

    /** What was said of a domain of the current epoch. */
    Optional<DomainStatus> reportedNow() {
        return reported.filter(status -> status.epoch() == epoch);
    }
}
