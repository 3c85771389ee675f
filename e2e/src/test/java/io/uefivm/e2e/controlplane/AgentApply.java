package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.Api;

/** Says in status what a node agent says: the same subresource, field manager and force. */
public final class AgentApply {
    private AgentApply() {}

    /** Applies the status of the object, which has nothing else but its name and namespace. */
    public static <T extends HasMetadata> T status(KubernetesClient client, T object) {
        return client.resource(object)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(Api.AGENT_FIELD_MANAGER)
                        .withForce(true)
                        .build());
    }
}
