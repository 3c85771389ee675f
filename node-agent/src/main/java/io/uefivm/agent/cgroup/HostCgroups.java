package io.uefivm.agent.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The control groups of a host, version 1 or 2, and who lays them out.
 *
 * <p>libvirt starts a domain in a child of {@code <partition>}, and reads that name in one of two ways (libvirt 9.0,
 * {@code vircgroup.c}, {@code virsystemd.c}). Where systemd-machined is, {@code /a/b/c} is the slice {@code a-b-c.slice},
 * which is how kubelet's systemd driver names a pod's too. Without it the name is a path, to every part of which
 * libvirt adds {@code .partition} unless there is a dot in it: the slices of a pod have one, and what kubelet's cgroupfs
 * driver makes has none. There the processes are moved after their start.
 */
public final class HostCgroups {
    /** Each hierarchy of version 1 in which libvirt makes a group of its own if it is mounted. */
    private static final List<String> LIBVIRTS = List.of(
            "cpu",
            "cpuacct",
            "cpuset",
            "memory",
            "devices",
            "freezer",
            "blkio",
            "net_cls",
            "perf_event",
            "systemd",
            "unified");

    /**
     * What is limited and counted in version 1. Not devices, of which libvirt's own list stays in force, and not cpuset:
     * to change that undoes the pinning of threads.
     */
    private static final List<String> JOINED = List.of("cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb");

    /** In version 2 a group with children that have limits holds no processes itself. */
    private static final String CHILD = "uefivm";

    private static final String PROCESSES = "cgroup.procs";
    private static final String MACHINED = "usr/share/dbus-1/system-services/org.freedesktop.machine1.service";

    private final Path hostRoot;
    private final Path root;

    /**
     * The control groups of a host.
     *
     * @param hostRoot where the host's root is seen
     */
    public HostCgroups(Path hostRoot) {
        this.hostRoot = hostRoot;
        this.root = hostRoot.resolve("sys/fs/cgroup");
    }

    /** Where the domain of the VM of a pod belongs. */
    public Home home(String podUid) {
        Optional<PodCgroup> found = pod(podUid);
        if (found.isEmpty()) {
            return new Home.Outside("kubelet has no cgroup for pod " + podUid + " below " + counted()
                    + "/kubepods or kubepods.slice: it runs with cgroupsPerQOS off or with a cgroupRoot of its own");
        }
        PodCgroup pod = found.get();
        boolean systemd = Files.isDirectory(hostRoot.resolve("run/systemd/system"));
        if (systemd && Files.exists(hostRoot.resolve(MACHINED))) {
            return pod.slice()
                    ? new Home.Partition("/" + String.join("/", pod.sliceParts()))
                    : new Home.Outside(
                            "kubelet's cgroup driver is cgroupfs, and systemd-machined, which places libvirt's"
                                    + " domains, knows slices only; set cgroupDriver: systemd in kubelet's configuration");
        }
        return pod.slice() ? named(pod) : joined(pod);
    }

    private Home named(PodCgroup pod) {
        List<String> without = hierarchies(LIBVIRTS)
                .filter(hierarchy -> !Files.isDirectory(below(hierarchy, pod.path())))
                .map(Path::toString)
                .toList();
        return without.isEmpty()
                ? new Home.Partition(pod.path())
                : new Home.Outside("libvirt wants " + pod.path() + " in every hierarchy, and it is not in "
                        + String.join(", ", without));
    }

    private Home joined(PodCgroup pod) {
        return seesProcessesOfHost()
                ? new Home.Joined(pod.path())
                : new Home.Outside(
                        "kubelet's cgroup driver is cgroupfs, so that the domain has to be moved to its pod's"
                                + " cgroup, and the agent does not share the host's process IDs; set agent.hostPID=true of the chart");
    }

    /** A process ID that is written to a cgroup counts in the namespace of whoever writes it. */
    private boolean seesProcessesOfHost() {
        try {
            return Files.readSymbolicLink(hostRoot.resolve("proc/self"))
                    .toString()
                    .equals(Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<PodCgroup> pod(String podUid) {
        Path hierarchy = counted();
        return PodCgroup.candidates(podUid)
                .filter(pod -> Files.isDirectory(below(hierarchy, pod.path())))
                .findFirst();
    }

    /**
     * The directory with the cpuset of a container of a pod.
     *
     * @param containerId as the container runtime names it; with systemd it is a part of the directory's name
     * @throws IOException when it is not there
     */
    Path cpuset(String podUid, String containerId) throws IOException {
        Path hierarchy = isUnified() ? root : root.resolve("cpuset");
        PodCgroup pod =
                pod(podUid).orElseThrow(() -> new IOException("kubelet has no cgroup for it below " + hierarchy));
        try (var containers = Files.newDirectoryStream(below(hierarchy, pod.path()), Files::isDirectory)) {
            for (Path container : containers) {
                if (!containerId.isEmpty() && container.getFileName().toString().contains(containerId)) {
                    return container;
                }
            }
        }
        throw new IOException("it has no cgroup of container " + containerId + " below " + hierarchy);
    }

    /** A hierarchy in which every pod has a group. */
    private Path counted() {
        return isUnified() ? root : root.resolve("memory");
    }

    private boolean isUnified() {
        return Files.exists(root.resolve("cgroup.controllers"));
    }

    /** What is mounted of those hierarchies; co-mounted ones are links to one of them. */
    private Stream<Path> hierarchies(List<String> names) {
        return isUnified() ? Stream.of(root) : names.stream().map(root::resolve).filter(Files::isDirectory);
    }

    private static Path below(Path hierarchy, String path) {
        return hierarchy.resolve(path.substring(1));
    }

    /**
     * Moves a process with all its threads to its pod. What it has allocated before is counted where it was.
     *
     * @throws UncheckedIOException when the kernel refuses, or there is no such process
     */
    public void join(Home.Joined home, long pid) {
        try {
            if (isUnified()) {
                Path child = Files.createDirectories(below(root, home.pod()).resolve(CHILD));
                write(child.resolve(PROCESSES), pid);
                return;
            }
            for (Path hierarchy : hierarchies(JOINED).toList()) {
                Path processes = below(hierarchy, home.pod()).resolve(PROCESSES);
                if (Files.exists(processes)) {
                    write(processes, pid);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move process " + pid + " to " + home.pod(), e);
        }
    }

    private static void write(Path file, long pid) throws IOException {
        Files.writeString(file, Long.toString(pid), StandardOpenOption.WRITE);
    }
}
