package io.uefivm.operator.vm.model;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.uefivm.api.v1alpha1.Api;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a plan needs to know of a VM pod.
 *
 * @param epoch the epoch that it was made for, 0 if it does not say
 * @param generation the generation of the spec that it was made from, 0 if it does not say
 * @param spec digests of that spec; empty if it does not say
 * @param ended since when its container has been over, for a pod in phase Succeeded or Failed
 * @param unschedulable kube-scheduler's message, while it finds no node
 * @param trouble why the hold container cannot start, while kubelet says so
 * @param refused kubelet did not admit it to the node, so that it never had a container
 */
public record PodView(
        String name,
        String uid,
        long epoch,
        long generation,
        Optional<SpecDigests> spec,
        Optional<String> nodeName,
        boolean deleting,
        Optional<Instant> ended,
        Optional<String> unschedulable,
        Optional<String> trouble,
        boolean refused) {

    /** kubelet alternates between these two while an image cannot be had; one text for both avoids a write per try. */
    private static final Set<String> NO_IMAGE = Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName");

    private static final Set<String> NO_START =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

    /** Reads a pod. */
    public static PodView of(Pod pod) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        return new PodView(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                number(pod, Api.ANNOTATION_EPOCH),
                number(pod, Api.ANNOTATION_GENERATION),
                SpecDigests.parse(pod.getMetadata().getAnnotations().get(Api.ANNOTATION_SPEC)),
                Optional.ofNullable(pod.getSpec().getNodeName()).filter(name -> !name.isEmpty()),
                pod.getMetadata().getDeletionTimestamp() != null,
                ended(pod, status),
                unschedulable(status),
                trouble(status),
                isRefused(status));
    }

    private static long number(Pod pod, String annotation) {
        String value = pod.getMetadata().getAnnotations().get(annotation);
        return value == null || !value.matches("[0-9]{1,18}") ? 0 : Long.parseLong(value);
    }

    private static Optional<Instant> ended(Pod pod, PodStatus status) {
        if (!"Succeeded".equals(status.getPhase()) && !"Failed".equals(status.getPhase())) {
            return Optional.empty();
        }
        Optional<String> finished = containers(status).stream()
                .filter(c -> c.getState() != null && c.getState().getTerminated() != null)
                .map(c -> c.getState().getTerminated().getFinishedAt())
                .filter(time -> time != null)
                .findFirst();
        // A pod that kubelet refused never had a container.
        return Optional.of(Instant.parse(finished.orElse(pod.getMetadata().getCreationTimestamp())));
    }

    private static Optional<String> unschedulable(PodStatus status) {
        return status.getConditions().stream()
                .filter(c -> "PodScheduled".equals(c.getType())
                        && "False".equals(c.getStatus())
                        && "Unschedulable".equals(c.getReason()))
                .map(c -> c.getMessage() == null ? "kube-scheduler finds no node" : c.getMessage())
                .findFirst();
    }

    /** kubelet then writes phase, reason and message, and no container is ever made (kubelet.go, rejectPod). */
    private static boolean isRefused(PodStatus status) {
        return "Failed".equals(status.getPhase())
                && status.getReason() != null
                && containers(status).isEmpty();
    }

    private static Optional<String> trouble(PodStatus status) {
        if (isRefused(status)) {
            return Optional.of("kubelet refused it: " + join(status.getReason(), status.getMessage())
                    + Refusals.meaning(status.getReason()));
        }
        if ("Failed".equals(status.getPhase())) {
            return Optional.of(join(status.getReason(), status.getMessage()));
        }
        return containers(status).stream()
                .filter(c -> c.getState() != null && c.getState().getWaiting() != null)
                .flatMap(c -> waiting(c, c.getState().getWaiting()).stream())
                .findFirst();
    }

    private static Optional<String> waiting(ContainerStatus container, ContainerStateWaiting waiting) {
        if (NO_IMAGE.contains(waiting.getReason())) {
            return Optional.of("the image " + container.getImage() + " of container " + container.getName()
                    + " cannot be pulled; give one that the nodes have or can reach");
        }
        return NO_START.contains(waiting.getReason())
                ? Optional.of(
                        "container " + container.getName() + ": " + join(waiting.getReason(), waiting.getMessage()))
                : Optional.empty();
    }

    private static List<ContainerStatus> containers(PodStatus status) {
        return status.getContainerStatuses();
    }

    private static String join(String reason, String message) {
        if (reason == null && message == null) {
            return "its container failed";
        }
        return message == null ? reason : reason == null ? message : reason + ": " + message;
    }
}
