package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Reason;

/** One thing to do in the cluster, after the status of the same plan was written. */
public sealed interface Action {
    /** Make the VM's own NVRAM claim. */
    record CreateClaim() implements Action {}

    /** Make the pod of an epoch. */
    record CreatePod(long epoch, String name) implements Action {}

    /**
     * Delete a pod.
     *
     * @param graceSeconds how long it may take until kubelet kills it
     */
    record DeletePod(String name, String uid, long graceSeconds) implements Action {}

    /** Make the pod in which the VM's folder in the claim that it shares is erased. */
    record CreateEraser() implements Action {}

    /** Delete the VM's own NVRAM claim with all that is in it. */
    record DeleteClaim() implements Action {}

    /** Tell the user what became of something, as an event. */
    record Tell(Reason reason, String message) implements Action {}

    /** Let go of the VM: nothing of it is left to care for. */
    record Release() implements Action {}
}
