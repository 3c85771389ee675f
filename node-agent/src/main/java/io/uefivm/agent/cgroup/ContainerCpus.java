package io.uefivm.agent.cgroup;

import java.util.List;

/**
 * What the cpuset of a container allows.
 *
 * @param cpus processors, those of one core beside each other
 * @param allOfHost whether these are all that are online, so that nobody can have been given them alone
 * @param nodes NUMA nodes that the processors belong to
 * @param memory NUMA nodes of whose memory it may take
 * @param memoryBound whether that is less than the whole host's
 */
public record ContainerCpus(
        List<Integer> cpus, boolean allOfHost, List<Integer> nodes, List<Integer> memory, boolean memoryBound) {
    public ContainerCpus {
        cpus = List.copyOf(cpus);
        nodes = List.copyOf(nodes);
        memory = List.copyOf(memory);
    }
}
