package io.uefivm.operator.host;

import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.operator.vm.pod.Placement;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The Node labels that say what a host can do, for kube-scheduler and for people. */
final class NodeLabels {
    private static final String TRUE = "true";
    /** What Kubernetes lets the last part of a label's key be. One bad name must not spoil the whole patch. */
    private static final Pattern LABEL_NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private NodeLabels() {}

    static Map<String, String> of(UefiHostStatus host, boolean ready) {
        Map<String, String> labels = new TreeMap<>();
        if (ready) {
            labels.put(Api.LABEL_NODE_READY, TRUE);
        }
        Virtualization virtualization = host.virtualization();
        if (virtualization != null) {
            if (Boolean.TRUE.equals(virtualization.smm())) {
                labels.put(Api.LABEL_NODE_SMM, TRUE);
            }
            if (Boolean.TRUE.equals(virtualization.vsock())) {
                labels.put(Api.LABEL_NODE_VSOCK, TRUE);
            }
            if (virtualization.accelerator() != null) {
                labels.put(Api.LABEL_NODE_ACCELERATOR, virtualization.accelerator());
            }
            virtualization.machineTypes().forEach(type -> labels.put(Placement.machineLabel(type), TRUE));
        }
        for (FirmwareBuild build : host.firmware()) {
            if (!build.codeDigest().isEmpty()) {
                labels.put(Placement.firmwareLabel(build.codeDigest()), TRUE);
            }
            for (FirmwareKind kind : FirmwareKind.values()) {
                if (build.serves(kind)) {
                    labels.put(kind.nodeLabel(), TRUE);
                    if (build.varsSize() != null) {
                        labels.put(kind.nodeLabel(build.varsSize()), TRUE);
                    }
                }
            }
        }
        labels.keySet()
                .removeIf(key ->
                        !LABEL_NAME.matcher(key.substring(key.indexOf('/') + 1)).matches());
        labels.values().removeIf(value -> !LABEL_NAME.matcher(value).matches());
        return labels;
    }

    /** Those of a Node's labels that are the operator's. */
    static Map<String, String> own(Map<String, String> labels) {
        return labels.entrySet().stream()
                .filter(label -> isOwn(label.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static boolean isOwn(String key) {
        return key.equals(Api.LABEL_NODE_READY)
                || key.equals(Api.LABEL_NODE_SMM)
                || key.equals(Api.LABEL_NODE_VSOCK)
                || key.equals(Api.LABEL_NODE_ACCELERATOR)
                || key.startsWith(Api.LABEL_NODE_FIRMWARE_PREFIX)
                || key.startsWith(Api.LABEL_NODE_MACHINE_PREFIX);
    }
}
