package io.uefivm.operator.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whether VMs can be started on a host, as the operator sees it. */
record Readiness(Status status, Reason reason, String message) {

    enum Status {
        TRUE,
        FALSE,
        UNKNOWN
    }

    /**
     * Judges a host.
     *
     * @param alive the agent's heartbeat is fresh
     * @param nodeUnknown Kubernetes has lost sight of the node
     * @param lastHeartbeat RFC 3339, or why there is none
     */
    static Readiness of(UefiHostStatus host, boolean alive, boolean nodeUnknown, String lastHeartbeat) {
        if (!alive) {
            return new Readiness(
                    Status.UNKNOWN,
                    Reason.AgentUnavailable,
                    "the node agent does not answer; last heartbeat: " + lastHeartbeat);
        }
        if (nodeUnknown) {
            return new Readiness(
                    Status.UNKNOWN,
                    Reason.NodeUnavailable,
                    "the Node's condition Ready is Unknown: kubelet does not answer");
        }
        for (ConditionType needed : List.of(ConditionType.Virtualization, ConditionType.FirmwareAvailable)) {
            Optional<Condition> condition = host.condition(needed);
            if (condition.isEmpty()) {
                return new Readiness(
                        Status.UNKNOWN, Reason.Pending, "the node agent has not reported " + needed + " yet");
            }
            if (!"True".equals(condition.get().getStatus())) {
                return new Readiness(
                        Status.FALSE,
                        reason(condition.get()),
                        needed + ": " + condition.get().getMessage());
            }
        }
        return new Readiness(Status.TRUE, Reason.Running, "the node agent answers, and VMs can be started");
    }

    /** Whether kubelet's own heartbeat has stopped. A Node without the condition has no kubelet that reports. */
    static boolean isUnknown(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "Unknown".equals(c.getStatus()));
    }

    /** The agent may be newer than the operator and know more reasons. */
    private static Reason reason(Condition condition) {
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(condition.getReason()))
                .findFirst()
                .orElse(Reason.ProbeFailed);
    }

    /** The condition Ready. */
    List<Condition> conditions(List<Condition> before, Instant now) {
        Conditions conditions = Conditions.after(before, null, now);
        return (status == Status.UNKNOWN
                        ? conditions.unknown(ConditionType.Ready, reason, message)
                        : conditions.with(ConditionType.Ready, status == Status.TRUE, reason, message))
                .build();
    }
}
