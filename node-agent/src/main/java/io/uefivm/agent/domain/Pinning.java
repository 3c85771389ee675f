package io.uefivm.agent.domain;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Processors of the host that are a guest's alone.
 *
 * @param cpus one for each virtual CPU, in their order
 * @param memory NUMA nodes that the guest's memory is taken from; without one wherever there is some
 */
public record Pinning(List<Integer> cpus, Optional<Memory> memory) {
    public Pinning {
        cpus = List.copyOf(cpus);
        if (cpus.isEmpty()) {
            throw new IllegalArgumentException("cpus must name at least one processor");
        }
    }

    /**
     * NUMA nodes.
     *
     * @param nodes their numbers
     * @param strict from nowhere else, and no start without; else from there first, which one node only can be
     */
    public record Memory(List<Integer> nodes, boolean strict) {
        public Memory {
            nodes = List.copyOf(nodes);
            if (nodes.isEmpty() || (!strict && nodes.size() > 1)) {
                throw new IllegalArgumentException("memory is strictly from some nodes, or first from one: " + nodes);
            }
        }
    }

    /** Numbers as libvirt reads them. */
    static String list(List<Integer> numbers) {
        return numbers.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    }
}
