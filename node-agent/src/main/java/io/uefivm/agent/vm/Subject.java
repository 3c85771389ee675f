package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Optional;
import java.util.UUID;

/** The VM of one reconcile. */
record Subject(
        UefiVirtualMachine vm,
        Context<UefiVirtualMachine> context,
        UUID uuid,
        long epoch,
        Optional<Pod> pod,
        Situation situation) {
    String uid() {
        return vm.getMetadata().getUid();
    }

    /** Name of its libvirt domain. */
    String domainName() {
        return vm.getMetadata().getNamespace() + "." + vm.getMetadata().getName();
    }
}
