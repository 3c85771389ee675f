package io.uefivm.operator.vm.pod;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.operator.vm.model.Machine;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Node labels that the operator sets from what a host can do, and that a VM's pod selects its node by. */
public final class Placement {
    private static final int DIGEST_DIGITS = 32;
    private static final int MOST_WEIGHT = 100;
    private static final String SHA256 = "sha256:";

    private Placement() {}

    /** What the VM's own selector asks, and what the VM needs of its host. */
    static Map<String, String> nodeSelector(Machine vm) {
        Map<String, String> labels = new TreeMap<>(vm.spec().nodeSelector());
        labels.put(Api.LABEL_NODE_READY, "true");
        FirmwareKind kind = vm.firmwareKind();
        labels.put(kind.nodeLabel(), "true");
        if (kind == FirmwareKind.SECURE_BOOT) {
            labels.put(Api.LABEL_NODE_SMM, "true");
        }
        if (vm.spec().vsock() != null) {
            labels.put(Api.LABEL_NODE_VSOCK, "true");
        }
        vm.machineType().ifPresent(type -> labels.put(machineLabel(type), "true"));
        vm.requiredCode().ifPresent(digest -> labels.put(firmwareLabel(digest), "true"));
        vm.varsSize().ifPresent(size -> labels.put(kind.nodeLabel(size), "true"));
        return labels;
    }

    /**
     * What the VM asks, and a preference for nodes that have the firmware build that it ran with last: it changes its
     * firmware when that is replaced, not whenever it changes its node.
     */
    static @Nullable Affinity affinity(Machine vm) {
        Affinity asked = vm.spec().affinity();
        Optional<String> last = vm.lastCode();
        if (last.isEmpty() || vm.requiredCode().isPresent()) {
            return asked;
        }
        return new AffinityBuilder(asked == null ? new Affinity() : asked)
                .editOrNewNodeAffinity()
                .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                .withWeight(MOST_WEIGHT)
                .withNewPreference()
                .addNewMatchExpression()
                .withKey(firmwareLabel(last.get()))
                .withOperator("Exists")
                .endMatchExpression()
                .endPreference()
                .endPreferredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }

    /** The label of nodes that offer a machine type. */
    public static String machineLabel(String machineType) {
        return Api.LABEL_NODE_MACHINE_PREFIX + machineType;
    }

    /**
     * The label of nodes that offer a firmware build.
     *
     * @param codeDigest {@code sha256:} and 64 hexadecimal digits
     */
    public static String firmwareLabel(String codeDigest) {
        String digits = codeDigest.startsWith(SHA256) ? codeDigest.substring(SHA256.length()) : codeDigest;
        return Api.LABEL_NODE_FIRMWARE_CODE_PREFIX + digits.substring(0, Math.min(DIGEST_DIGITS, digits.length()));
    }
}
