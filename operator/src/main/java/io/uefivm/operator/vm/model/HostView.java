package io.uefivm.operator.vm.model;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import java.util.List;
import java.util.Optional;

/**
 * What a plan needs to know of a host.
 *
 * @param ready new VMs can be started there
 * @param silence why nobody knows what its VMs do, if so
 * @param message why it is not ready
 */
public record HostView(
        String name,
        boolean ready,
        Optional<Reason> silence,
        String message,
        boolean smm,
        boolean vsock,
        List<String> machineTypes,
        List<FirmwareBuild> firmware) {

    /** Reads a host. */
    public static HostView of(UefiHost host) {
        UefiHostStatus status = host.getStatus() == null
                ? new UefiHostStatus(null, null, List.of(), List.of(), List.of())
                : host.getStatus();
        Optional<Condition> ready = status.condition(ConditionType.Ready);
        boolean probeFailed = status.condition(ConditionType.Virtualization)
                .filter(c -> "False".equals(c.getStatus()))
                .isPresent();
        Optional<Reason> silence = Optional.empty();
        if (ready.isEmpty()) {
            silence = Optional.of(Reason.AgentUnavailable);
        } else if ("Unknown".equals(ready.get().getStatus())) {
            boolean node = Reason.NodeUnavailable.name().equals(ready.get().getReason());
            silence = Optional.of(node ? Reason.NodeUnavailable : Reason.AgentUnavailable);
        } else if (probeFailed) {
            silence = Optional.of(Reason.HypervisorUnavailable);
        }
        return new HostView(
                host.getMetadata().getName(),
                ready.filter(c -> "True".equals(c.getStatus())).isPresent(),
                silence,
                ready.map(Condition::getMessage).orElse("its agent has not reported yet"),
                status.virtualization() != null
                        && Boolean.TRUE.equals(status.virtualization().smm()),
                status.virtualization() != null
                        && Boolean.TRUE.equals(status.virtualization().vsock()),
                status.virtualization() == null
                        ? List.of()
                        : status.virtualization().machineTypes(),
                status.firmware());
    }

    /** A node without a UefiHost. */
    static HostView unknown(String name) {
        return new HostView(
                name,
                false,
                Optional.of(Reason.AgentUnavailable),
                "it has no UefiHost",
                false,
                false,
                List.of(),
                List.of());
    }
}
