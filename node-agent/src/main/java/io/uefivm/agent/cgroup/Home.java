package io.uefivm.agent.cgroup;

/** Where a domain's processes belong. */
public sealed interface Home {
    /**
     * libvirt starts them there.
     *
     * @param name what {@code <partition>} says; with systemd not the path of the cgroup, see {@link HostCgroups}
     */
    record Partition(String name) implements Home {}

    /**
     * libvirt cannot name that cgroup, and they are moved there.
     *
     * @param pod path of the pod's cgroup below each hierarchy, from its first slash
     */
    record Joined(String pod) implements Home {}

    /**
     * Wherever libvirt puts them.
     *
     * @param why for people: what is in the way, and what to change
     */
    record Outside(String why) implements Home {}
}
