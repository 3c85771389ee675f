package io.uefivm.agent.cgroup;

import java.util.List;
import java.util.stream.Stream;

/**
 * The cgroup that kubelet makes for a pod, in the layouts of its two cgroup drivers. Guaranteed pods have no level for their
 * quality of service.
 *
 * @param path below the root of each hierarchy, from its first slash
 * @param slice whether it is a slice of systemd
 * @param sliceParts for a slice, the parts of its name, of which systemd makes that path
 */
record PodCgroup(String path, boolean slice, List<String> sliceParts) {
    private static final List<List<String>> LEVELS = List.of(List.of(), List.of("burstable"), List.of("besteffort"));

    PodCgroup {
        sliceParts = List.copyOf(sliceParts);
    }

    /** All paths that the cgroup of a pod can have. */
    static Stream<PodCgroup> candidates(String podUid) {
        return LEVELS.stream().flatMap(level -> Stream.of(bySystemd(level, podUid), byCgroupfs(level, podUid)));
    }

    /** A dash is what systemd makes levels of, so that kubelet writes the UID with underscores. */
    private static PodCgroup bySystemd(List<String> level, String podUid) {
        List<String> parts = Stream.of(List.of("kubepods"), level, List.of("pod" + podUid.replace('-', '_')))
                .flatMap(List::stream)
                .toList();
        var path = new StringBuilder();
        for (int depth = 1; depth <= parts.size(); depth++) {
            path.append('/').append(String.join("-", parts.subList(0, depth))).append(".slice");
        }
        return new PodCgroup(path.toString(), true, parts);
    }

    private static PodCgroup byCgroupfs(List<String> level, String podUid) {
        String between = level.isEmpty() ? "" : "/" + level.get(0);
        return new PodCgroup("/kubepods" + between + "/pod" + podUid, false, List.of());
    }
}
