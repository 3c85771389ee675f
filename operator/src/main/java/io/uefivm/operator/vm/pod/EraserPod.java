package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.operator.vm.model.Machine;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Mounts the claim that a deleted VM shared with others, on a host of which the agent then erases that VM's folder. The
 * operator itself never mounts a claim, and the agents mount none on their own: only kubelet knows how.
 */
public final class EraserPod {
    private static final String PREFIX = "uefivm-erase-";
    private static final long GRACE_SECONDS = 30;
    private static final Map<String, Quantity> LIMITS = Map.of("memory", new Quantity("16Mi"));
    private static final Map<String, Quantity> REQUESTS =
            Map.of("cpu", new Quantity("10m"), "memory", new Quantity("16Mi"));
    private static final int LIKE_IT_MOST = 100;

    private EraserPod() {}

    /** The pod's name. */
    public static String name(String vmUid) {
        return PREFIX + vmUid;
    }

    /**
     * The pod to create.
     *
     * @param vm being deleted, with {@code spec.nvram.sharedClaim}
     * @param holdImage any that has a POSIX shell
     */
    public static Pod of(Machine vm, String holdImage) {
        String claim = Objects.requireNonNull(vm.spec().nvram().sharedClaim(), "no shared claim");
        Map<String, String> hosts = new TreeMap<>(vm.spec().nodeSelector());
        hosts.put(Api.LABEL_NODE_READY, "true");
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(vm.namespace())
                .withName(name(vm.uid()))
                .withLabels(Map.of(
                        Api.LABEL_VM_UID,
                        vm.uid(),
                        Api.LABEL_ERASES,
                        vm.uid(),
                        "app.kubernetes.io/name",
                        "uefivm-eraser",
                        "app.kubernetes.io/managed-by",
                        "uefivm"))
                .addToAnnotations(Api.ANNOTATION_VM_NAME, vm.name())
                .addToOwnerReferences(VmPod.owner(vm))
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withNodeSelector(hosts)
                .withAffinity(whereItWas(vm.status().domain()))
                .withTolerations(vm.spec().tolerations())
                .withSecurityContext(HoldContainer.podSecurityContext())
                .withContainers(HoldContainer.of(
                        holdImage, REQUESTS, LIMITS, List.of(HoldContainer.mount(Api.VOLUME_NVRAM)), List.of()))
                .withVolumes(VmPod.claim(Api.VOLUME_NVRAM, claim, false), HoldContainer.volume())
                .endSpec()
                .build();
    }

    /** A claim that one node at a time may mount is most likely there, where others of its VMs run. */
    private static @Nullable Affinity whereItWas(@Nullable DomainStatus domain) {
        if (domain == null || domain.nodeName() == null) {
            return null;
        }
        return new AffinityBuilder()
                .withNewNodeAffinity()
                .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                .withWeight(LIKE_IT_MOST)
                .withNewPreference()
                .addNewMatchField()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(domain.nodeName())
                .endMatchField()
                .endPreference()
                .endPreferredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }
}
