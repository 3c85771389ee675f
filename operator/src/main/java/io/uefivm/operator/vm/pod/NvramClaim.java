package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.NvramStorage;
import io.uefivm.operator.vm.model.Machine;
import java.util.Map;

/**
 * The claim that holds one VM's NVRAM and TPM state. It is named after the VM's UID, so that a VM made anew under the same
 * name never finds the state of its predecessor. It has no owner: the garbage collector must not delete state, only the
 * VM's reclaim policy may.
 */
public final class NvramClaim {
    private static final String PREFIX = "uefivm-nvram-";

    private NvramClaim() {}

    /** The claim's name. */
    public static String name(String vmUid) {
        return PREFIX + vmUid;
    }

    /** The claim to create; once it exists it is never updated. */
    public static PersistentVolumeClaim of(Machine vm) {
        NvramStorage storage = vm.spec().nvram().ownClaim();
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(vm.namespace())
                .withName(name(vm.uid()))
                .withLabels(Map.of(Api.LABEL_VM_UID, vm.uid(), "app.kubernetes.io/managed-by", "uefivm"))
                .addToAnnotations(Api.ANNOTATION_VM_NAME, vm.name())
                .endMetadata()
                .withNewSpec()
                .withAccessModes(storage.accessModes())
                .withStorageClassName(storage.storageClassName())
                .withVolumeMode("Filesystem")
                .withNewResources()
                .addToRequests("storage", storage.size())
                .endResources()
                .endSpec()
                .build();
    }
}
