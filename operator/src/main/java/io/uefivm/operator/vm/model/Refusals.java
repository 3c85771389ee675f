package io.uefivm.operator.vm.model;

import java.util.Map;

/** What the words mean with which kubelet refuses a pod that kube-scheduler placed. */
final class Refusals {
    /** kubelet's resource check says OutOfcpu, OutOfmemory, OutOfpods, OutOf and the name of any other resource. */
    private static final String OUT_OF = "OutOf";

    private static final Map<String, String> MEANINGS = Map.of(
            "UnexpectedAdmissionError",
            "a device or a CPU of the node was not to be had any more; see unavailable in its UefiHost",
            "NodeAffinity",
            "the labels of the node changed after the pod was placed",
            "TopologyAffinityError",
            "no NUMA node has all its CPUs, memory and devices, as topologyManagerPolicy of this kubelet asks",
            "SMTAlignmentError",
            "this kubelet gives away whole cores only; make the number of virtual CPUs a multiple of their threads",
            "Evicted",
            "the node is short of what the message names");

    private Refusals() {}

    /** To be put behind the reason and message; empty for one that is not known. */
    static String meaning(String reason) {
        String known = reason.startsWith(OUT_OF) && reason.length() > OUT_OF.length()
                ? "others have taken that on the node since the pod was placed"
                : MEANINGS.get(reason);
        return known == null ? "" : " (" + known + ")";
    }
}
