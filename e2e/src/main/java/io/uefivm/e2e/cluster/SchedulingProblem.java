package io.uefivm.e2e.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Why a pod fits on no node, in the words of kube-scheduler: {@code 0/2 nodes are available: 1 Insufficient memory, 1
 * node(s) were unschedulable. preemption: ...}. Pure.
 */
record SchedulingProblem(int nodes, List<String> reasons, int shortOfResources) {

    SchedulingProblem {
        reasons = List.copyOf(reasons);
    }

    /** One list of reasons for each node. */
    static SchedulingProblem of(Collection<List<String>> reasonsPerNode) {
        int shortage = (int) reasonsPerNode.stream()
                .filter(r -> r.stream().anyMatch(x -> x.startsWith("Insufficient ") || x.startsWith("Too many ")))
                .count();
        Map<String, Long> counted = reasonsPerNode.stream()
                .flatMap(List::stream)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        List<String> lines = counted.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .sorted()
                .toList();
        return new SchedulingProblem(reasonsPerNode.size(), lines, shortage);
    }

    /** Something that is the same for every node, such as a claim that is missing. */
    static SchedulingProblem ofAll(int nodes, String reason) {
        return new SchedulingProblem(nodes, List.of(reason), 0);
    }

    String message() {
        if (nodes == 0) {
            return "no nodes available to schedule pods";
        }
        String none = "0/%d nodes are available: ".formatted(nodes);
        String victims = shortOfResources == 0
                ? ""
                : "%d No preemption victims found for incoming pod".formatted(shortOfResources);
        int others = nodes - shortOfResources;
        String helpless = others == 0 ? "" : "%d Preemption is not helpful for scheduling".formatted(others);
        String preemption = victims.isEmpty() || helpless.isEmpty() ? victims + helpless : victims + ", " + helpless;
        return none + String.join(", ", reasons) + ". preemption: " + none + preemption + ".";
    }
}
