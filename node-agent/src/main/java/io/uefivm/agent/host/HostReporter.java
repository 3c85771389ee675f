package io.uefivm.agent.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies what this host can do to the status of its UefiHost, when it differs from what is there. The operator creates
 * the UefiHost when it sees the heartbeat.
 */
public final class HostReporter {
    private static final Set<String> OWN =
            Set.of(ConditionType.Virtualization.name(), ConditionType.FirmwareAvailable.name());

    private final KubernetesClient client;
    private final String nodeName;

    public HostReporter(KubernetesClient client, String nodeName) {
        this.client = client;
        this.nodeName = nodeName;
    }

    /** The conditions that the UefiHost has now; empty when it is not there yet. */
    public List<Condition> conditions() {
        UefiHost host = get();
        return host == null || host.getStatus() == null
                ? List.of()
                : host.getStatus().conditions();
    }

    /**
     * Reports.
     *
     * @return false when the UefiHost does not exist yet
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server cannot be reached or refuses
     */
    public boolean report(UefiHostStatus status) {
        UefiHost host = get();
        if (host == null) {
            return false;
        }
        if (host.getStatus() == null || !status.equals(ownPart(host.getStatus()))) {
            var patch = new UefiHost();
            patch.getMetadata().setName(nodeName);
            patch.setStatus(status);
            client.resource(patch)
                    .subresource("status")
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Api.AGENT_FIELD_MANAGER)
                            .withForce(true)
                            .build());
        }
        return true;
    }

    private @Nullable UefiHost get() {
        return client.resources(UefiHost.class).withName(nodeName).get();
    }

    private static UefiHostStatus ownPart(UefiHostStatus status) {
        return new UefiHostStatus(
                status.agent(),
                status.virtualization(),
                status.firmware(),
                status.pciDevices(),
                status.conditions().stream()
                        .filter(c -> OWN.contains(c.getType()))
                        .toList());
    }
}
