package io.uefivm.agent.vm;

import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Objects;
import java.util.UUID;

/** Creates the domain of an epoch, so that its NVRAM says at any time whether a guest may have had it. */
final class Launch {
    private Launch() {}

    /** How the domain is created. */
    interface Creation {
        void run() throws HypervisorException;
    }

    /**
     * Creates it.
     *
     * @param epoch prepared in {@code state}
     * @throws HypervisorException as libvirt refused it, or when nobody knows
     */
    static void of(Hypervisor hypervisor, UefiVirtualMachine vm, Creation creation, NvramState state, long epoch)
            throws HypervisorException, NvramException {
        state.markStarting(epoch);
        try {
            creation.run();
        } catch (HypervisorException refusal) {
            if (refusal.kind() == HypervisorException.Kind.REFUSED) {
                takeBack(hypervisor, uuid(vm), state, epoch, refusal);
            }
            throw refusal;
        }
    }

    /** Unless a domain with this UUID is there all the same, which may be the very reason for the refusal. */
    private static void takeBack(
            Hypervisor hypervisor, UUID uuid, NvramState state, long epoch, HypervisorException refusal) {
        try {
            if (hypervisor.domain(uuid).isEmpty()) {
                state.markRefused(epoch);
            }
        } catch (HypervisorException | NvramException e) {
            // The mark stays: the next start takes the files for what a crash left, which loses nothing.
            refusal.addSuppressed(e);
        }
    }

    private static UUID uuid(UefiVirtualMachine vm) {
        var status = Objects.requireNonNull(vm.getStatus());
        return UUID.fromString(Objects.requireNonNull(status.identity()).uuid());
    }
}
