package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The status that kubelet reports for a pod of one container. Pure.
 *
 * @param podIp the pod's address
 * @param hostIp the node's address
 * @param startedAt when the pod was first seen on the node
 */
record PodStatuses(String podIp, String hostIp, Instant startedAt) {

    /** Volumes are not there yet, or the container is being started. */
    PodStatus creating(Pod pod) {
        ContainerState waiting = new ContainerStateBuilder()
                .withNewWaiting()
                .withReason("ContainerCreating")
                .endWaiting()
                .build();
        return status(pod, "Pending", container(pod, waiting, false), "ContainersNotReady");
    }

    PodStatus running(Pod pod, Instant containerStart) {
        ContainerState running = new ContainerStateBuilder()
                .withNewRunning()
                .withStartedAt(time(containerStart))
                .endRunning()
                .build();
        return status(pod, "Running", container(pod, running, true), null);
    }

    PodStatus ended(Pod pod, Instant containerStart, int exitCode) {
        ContainerState terminated = new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withReason(exitCode == 0 ? "Completed" : "Error")
                .withContainerID(id(pod))
                .withStartedAt(time(containerStart))
                .withFinishedAt(time(Instant.now()))
                .endTerminated()
                .build();
        return status(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                container(pod, terminated, false),
                exitCode == 0 ? "PodCompleted" : "PodFailed");
    }

    /** After the host was down: nobody knows how the container ended. */
    PodStatus lost(Pod pod) {
        ContainerState terminated = new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(137)
                .withReason("ContainerStatusUnknown")
                .withMessage("The container could not be located when the pod was terminated")
                .endTerminated()
                .build();
        return status(pod, "Failed", container(pod, terminated, false), "PodFailed");
    }

    /** Never begun, because the node has not what the scheduler believed. */
    PodStatus refused(String why) {
        return new PodStatusBuilder()
                .withPhase("Failed")
                .withReason("UnexpectedAdmissionError")
                .withMessage("Pod was rejected: " + why)
                .withStartTime(time(startedAt))
                .build();
    }

    private PodStatus status(Pod pod, String phase, ContainerStatus container, @Nullable String notReady) {
        return new PodStatusBuilder()
                .withPhase(phase)
                .withStartTime(time(startedAt))
                .withHostIP(hostIp)
                .withHostIPs(new HostIP(hostIp))
                .withPodIP(phase.equals("Pending") ? null : podIp)
                .withPodIPs(phase.equals("Pending") ? List.of() : List.of(new PodIP(podIp)))
                .withContainerStatuses(container)
                .withConditions(
                        condition(pod, "PodReadyToStartContainers", phase.equals("Running"), null),
                        condition(
                                pod,
                                "Initialized",
                                true,
                                notReady != null && phase.equals("Succeeded") ? notReady : null),
                        condition(pod, "Ready", notReady == null, notReady),
                        condition(pod, "ContainersReady", notReady == null, notReady),
                        condition(pod, "PodScheduled", true, null))
                .build();
    }

    private static ContainerStatus container(Pod pod, ContainerState state, boolean ready) {
        Container container = pod.getSpec().getContainers().get(0);
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID(state.getWaiting() == null ? container.getImage() : "")
                .withContainerID(state.getWaiting() == null ? id(pod) : null)
                .withReady(ready)
                .withStarted(ready)
                .withRestartCount(0)
                .withState(state)
                .build();
    }

    private static String id(Pod pod) {
        return "standin://" + pod.getMetadata().getUid();
    }

    /** Keeps the time of the last change of the condition that the pod has already. */
    private static PodCondition condition(Pod pod, String type, boolean holds, @Nullable String reason) {
        String status = holds ? "True" : "False";
        Optional<PodCondition> before = pod.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals(type) && c.getStatus().equals(status))
                .findFirst();
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withLastTransitionTime(
                        before.map(PodCondition::getLastTransitionTime).orElseGet(() -> time(Instant.now())))
                .build();
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
