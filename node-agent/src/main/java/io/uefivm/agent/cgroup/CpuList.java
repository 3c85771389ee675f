package io.uefivm.agent.cgroup;

import java.util.List;
import java.util.TreeSet;

/** Numbers of processors or NUMA nodes as the kernel writes them: {@code 0-3,8}. */
final class CpuList {
    private CpuList() {}

    /**
     * Reads a list.
     *
     * @return in ascending order; empty for an empty list
     * @throws IllegalArgumentException when it is none
     */
    static List<Integer> parse(String text) {
        var numbers = new TreeSet<Integer>();
        for (String range : text.strip().split(",")) {
            if (range.isEmpty()) {
                continue;
            }
            String[] ends = range.split("-", 2);
            int first = Integer.parseInt(ends[0]);
            int last = ends.length == 1 ? first : Integer.parseInt(ends[1]);
            for (int number = first; number <= last; number++) {
                numbers.add(number);
            }
        }
        return List.copyOf(numbers);
    }
}
