package io.uefivm.agent.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The processors of a host and the cpusets that kubelet has its containers run in. */
public final class HostCpus {
    private final HostCgroups cgroups;
    private final Path system;

    /** @param hostRoot where the host's root is seen */
    public HostCpus(Path hostRoot) {
        this.cgroups = new HostCgroups(hostRoot);
        this.system = hostRoot.resolve("sys/devices/system");
    }

    /**
     * What a container may use.
     *
     * @param containerId as the container runtime names it, without the runtime's prefix
     * @throws UncheckedIOException when the cpuset cannot be found or read
     */
    public ContainerCpus of(String podUid, String containerId) {
        try {
            Path cpuset = cgroups.cpuset(podUid, containerId);
            List<Integer> cpus = list(cpuset, "cpuset.cpus.effective", "cpuset.cpus");
            List<Integer> memory = list(cpuset, "cpuset.mems.effective", "cpuset.mems");
            List<Integer> online = read(system.resolve("cpu/online"));
            return new ContainerCpus(
                    byCore(cpus),
                    cpus.containsAll(online),
                    nodes(cpus),
                    memory,
                    !memory.containsAll(read(system.resolve("node/has_memory"))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the CPUs of pod " + podUid + ": " + e.getMessage(), e);
        }
    }

    /** Version 2 says in one file what is asked for and in another what is given; version 1 has but one. */
    private static List<Integer> list(Path cpuset, String given, String file) throws IOException {
        Path effective = cpuset.resolve(given);
        return read(Files.exists(effective) ? effective : cpuset.resolve(file));
    }

    private static List<Integer> read(Path file) throws IOException {
        return CpuList.parse(Files.readString(file));
    }

    /** So that threads of one core in the guest are threads of one core of the host. */
    private List<Integer> byCore(List<Integer> cpus) throws IOException {
        Map<Integer, Integer> cores = new TreeMap<>();
        for (int cpu : cpus) {
            cores.put(
                    cpu,
                    read(system.resolve("cpu/cpu" + cpu + "/topology/thread_siblings_list"))
                            .get(0));
        }
        return cpus.stream()
                .sorted(Comparator.<Integer>comparingInt(cpu -> cores.getOrDefault(cpu, cpu))
                        .thenComparingInt(cpu -> cpu))
                .toList();
    }

    private List<Integer> nodes(List<Integer> cpus) throws IOException {
        var nodes = new ArrayList<Integer>();
        for (int node : read(system.resolve("node/online"))) {
            if (read(system.resolve("node/node" + node + "/cpulist")).stream().anyMatch(cpus::contains)) {
                nodes.add(node);
            }
        }
        return nodes;
    }
}
