package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What a VM has on this host besides its domain: volumes, NVRAM, TPM state, the domain's description. Every operation
 * can be done again after it was interrupted.
 */
public interface Machines {
    /**
     * Prepares the state of the VM's epoch and starts its domain.
     *
     * @return {@code status} with what is known now of machine type, firmware and NVRAM
     * @throws Failure when the VM cannot be started as things are; nothing of it runs then
     * @throws HypervisorException when libvirt could not be asked; to be tried again
     */
    VmStatus start(UefiVirtualMachine vm, Pod pod, VmStatus status) throws Failure, HypervisorException;

    /** Reads the store of a domain that runs already, for a status that an interrupted agent never wrote. */
    VmStatus look(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status);

    /**
     * Looks at the devices that the VM had of this host, once its domain is gone.
     *
     * @return {@code status}, saying so where one did not come back in order
     */
    VmStatus takeBack(UefiVirtualMachine vm, VmStatus status);

    /**
     * Commits the state of an epoch whose domain is gone.
     *
     * @return {@code status} with the newest generation
     * @throws Failure when it could not be committed; the epoch's files stay and the next start begins from them
     */
    VmStatus commit(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) throws Failure;

    /** Adds what the store of the running domain says by now, if that is worth a write. From now on it is watched. */
    VmStatus observe(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status);

    /** Tells from now on the UID of a VM whose running store says something new. */
    void onStoreNews(Consumer<String> vmUid);

    /**
     * Brings the media of the running domain to what the spec says, and lets its disks grow with their claims.
     *
     * @throws HypervisorException when libvirt could not be asked; to be tried again
     */
    MediaChange changeMedia(UefiVirtualMachine vm, Pod pod, UUID domain) throws HypervisorException;

    /** Gives back all that the VM has on this host, and lets the pod's container end if the pod is still there. */
    void release(String vmUid, Optional<Pod> pod);

    /**
     * Erases the state of a VM that is gone for good from the claim that a pod mounts as its NVRAM, and lets the pod end.
     *
     * @throws Failure when something is left; to be tried again
     */
    void erase(String vmUid, Pod pod) throws Failure;

    /** The VMs that have something on this host. */
    Set<String> present();

    /** What the firmware said on the console when it refused a boot loader. */
    Optional<String> bootRefusal(String vmUid);
}
