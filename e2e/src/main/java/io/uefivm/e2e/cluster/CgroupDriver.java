package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who lays out the cgroups of pods on a host, as kubelet's setting {@code cgroupDriver} says, with version 2 only. A pod has
 * its memory limit and weight of CPUs, its container a group below.
 */
public enum CgroupDriver {
    /** Pods have no cgroups. */
    NONE("", "", ""),
    /** Slices, of which systemd is asked over D-Bus, and a scope for the container. */
    SYSTEMD("kubepods%s-pod%s.slice", """
            busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
                StartTransientUnit 'ssa(sv)a(sa(sv))' "$1" fail 3 MemoryMax t "$2" CPUWeight t 100 TasksMax t 32768 0
            until [ -e "$(systemctl show --property=ControlGroup --value "$1" | sed 's,^,/sys/fs/cgroup,')/memory.max" ]; do
                sleep 0.1
            done
            """, """
            group=/sys/fs/cgroup$(systemctl show --property=ControlGroup --value "$1")
            [ -e "$group/cgroup.kill" ] && [ "$group" != /sys/fs/cgroup ] || exit 0
            echo 1 >"$group/cgroup.kill"
            systemctl stop "$1"
            """) {
        @Override
        List<String> within(String group) {
            return List.of("systemd-run", "--quiet", "--scope", "--collect", "--slice=" + group, "--");
        }
    },
    /** Directories. */
    CGROUPFS("kubepods%s/pod%s", """
            at=/sys/fs/cgroup
            for level in $(echo "$1" | tr / ' ') container; do
                echo "+memory +cpu +pids" >"$at/cgroup.subtree_control"
                at=$at/$level
                mkdir -p "$at"
            done
            echo "$2" >"/sys/fs/cgroup/$1/memory.max"
            """, """
            group=/sys/fs/cgroup/$1
            [ -d "$group" ] || exit 0
            echo 1 >"$group/cgroup.kill"
            until grep -q 'populated 0' "$group/cgroup.events"; do sleep 0.1; done
            find "$group" -depth -type d -exec rmdir {} +
            """) {
        @Override
        List<String> within(String group) {
            String join = "echo $$ >\"/sys/fs/cgroup/$0/container/cgroup.procs\"; exec \"$@\"";
            return List.of("sh", "-ec", join, group);
        }
    };

    private static final String MEMORY = "memory";
    private static final String CPU = "cpu";

    private final String name;
    private final String make;
    private final String remove;

    /**
     * @param name of the group of a pod, with places for the level of its quality of service and its UID
     * @param make shell commands that make the group {@code $1} with a limit of {@code $2} bytes, or {@code max}
     * @param remove shell commands that kill what is left in the group {@code $1} and remove it, if it is there
     */
    CgroupDriver(String name, String make, String remove) {
        this.name = name;
        this.make = make;
        this.remove = remove;
    }

    /** Words before a command that make it run in the container's group. */
    List<String> within(String group) {
        return List.of();
    }

    /**
     * Makes the cgroup of a pod.
     *
     * @return its name, which the other methods want
     */
    String make(HostShell host, Pod pod) throws IOException {
        if (this == NONE) {
            return "";
        }
        ResourceRequirements resources = pod.getSpec().getContainers().get(0).getResources();
        Map<String, Quantity> limits = of(resources == null ? null : resources.getLimits());
        Map<String, Quantity> requests = of(resources == null ? null : resources.getRequests());
        String uid = pod.getMetadata().getUid();
        String group = this == SYSTEMD
                ? name.formatted(level("-", limits, requests), uid.replace('-', '_'))
                : name.formatted(level("/", limits, requests), uid);
        host.run("sh", "-ec", make, "make", group, limit(limits));
        return group;
    }

    private String limit(Map<String, Quantity> limits) {
        Quantity limit = limits.get(MEMORY);
        if (limit != null) {
            return limit.getNumericalAmount().toBigInteger().toString();
        }
        // As systemd says it over D-Bus.
        return this == SYSTEMD ? "18446744073709551615" : "max";
    }

    private static Map<String, Quantity> of(@Nullable Map<String, Quantity> quantities) {
        return Objects.requireNonNullElse(quantities, Map.of());
    }

    private static String level(String separator, Map<String, Quantity> limits, Map<String, Quantity> requests) {
        if (limits.isEmpty() && requests.isEmpty()) {
            return separator + "besteffort";
        }
        boolean guaranteed = limits.keySet().containsAll(List.of(CPU, MEMORY)) && limits.equals(requests);
        return guaranteed ? "" : separator + "burstable";
    }

    /** What kubelet does when the pod's containers have ended: kills whatever is left there, and removes the group. */
    void remove(HostShell host, String group) throws IOException {
        if (this != NONE) {
            host.run("sh", "-ec", remove, "remove", group);
        }
    }
}
