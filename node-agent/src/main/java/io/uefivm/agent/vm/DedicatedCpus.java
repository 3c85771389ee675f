package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.cgroup.ContainerCpus;
import io.uefivm.agent.cgroup.HostCpus;
import io.uefivm.agent.domain.Pinning;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The processors that kubelet gave to a VM's pod alone. Its static CPU policy does that for containers of Guaranteed pods
 * that ask for whole CPUs, and says it nowhere but in the container's cpuset.
 */
final class DedicatedCpus {
    private final HostCpus host;

    /** @param hostRoot where the host's root is seen */
    DedicatedCpus(Path hostRoot) {
        this.host = new HostCpus(hostRoot);
    }

    /**
     * What the domain is pinned to; empty unless the VM asks for CPUs of its own.
     *
     * @throws Failure {@code CpusNotDedicated} when kubelet gave it none
     */
    Optional<Pinning> of(UefiVirtualMachine vm, Pod pod) throws Failure {
        if (!vm.getSpec().cpu().takesCpusAlone()) {
            return Optional.empty();
        }
        ContainerCpus given = given(pod);
        int wanted = vm.getSpec().cpu().count();
        // The policy keeps at least one CPU for the system, so that a container which has them all has none of its own.
        if (given.allOfHost() || given.cpus().size() != wanted) {
            throw new Failure(
                    Reason.CpusNotDedicated,
                    "cpu.dedicated asks for " + wanted + " CPUs of the VM's own, and kubelet lets its pod run on CPUs "
                            + given.cpus() + " with others; set cpuManagerPolicy: static on this node, select one"
                            + " that has it with nodeSelector, or leave out cpu.dedicated");
        }
        return Optional.of(new Pinning(given.cpus(), memory(given)));
    }

    /** With kubelet's static memory policy there is no choice; else memory beside the processors is better. */
    private static Optional<Pinning.Memory> memory(ContainerCpus given) {
        if (given.memoryBound()) {
            return Optional.of(new Pinning.Memory(given.memory(), true));
        }
        return given.nodes().size() == 1 ? Optional.of(new Pinning.Memory(given.nodes(), false)) : Optional.empty();
    }

    private ContainerCpus given(Pod pod) throws Failure {
        try {
            return host.of(pod.getMetadata().getUid(), containerId(pod));
        } catch (UncheckedIOException e) {
            throw new Failure(
                    Reason.CpusNotDedicated,
                    "cpu.dedicated needs the CPUs that kubelet gave the pod: " + e.getMessage(),
                    e);
        }
    }

    /** {@code containerd://0123...} */
    private static String containerId(Pod pod) {
        List<ContainerStatus> statuses = pod.getStatus().getContainerStatuses();
        String id = statuses.isEmpty() ? null : statuses.get(0).getContainerID();
        return id == null ? "" : id.substring(id.indexOf("//") + 2);
    }
}
