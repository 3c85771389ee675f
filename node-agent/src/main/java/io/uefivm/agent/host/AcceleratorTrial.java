package io.uefivm.agent.host;

import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.HypervisorException;
import java.util.Optional;

/** Lets an accelerator execute something. */
interface AcceleratorTrial {
    /**
     * What speaks against the accelerator.
     *
     * @param machineType versioned machine type
     * @return why it executes no guest here; empty when it does
     * @throws HypervisorException UNAVAILABLE when libvirt could not be asked
     */
    Optional<String> objection(Accelerator accelerator, String machineType) throws HypervisorException;
}
