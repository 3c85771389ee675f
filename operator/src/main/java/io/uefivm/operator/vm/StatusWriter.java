package io.uefivm.operator.vm;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.operator.metrics.OperatorMetrics;
import io.uefivm.operator.vm.plan.OperatorStatus;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * Applies the operator's part of a VM's status. Always on the condition that the VM is still the one that the plan was
 * made from, and never tried again with the same plan: who raises an epoch from an old sight of the VM could start it twice.
 */
final class StatusWriter {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Api.OPERATOR_FIELD_MANAGER)
            .withForce(true)
            .build();

    private final OperatorMetrics metrics;

    StatusWriter(OperatorMetrics metrics) {
        this.metrics = metrics;
    }

    /** Writes, and returns the VM as it is now; empty when somebody else was faster or the VM is gone. */
    Optional<UefiVirtualMachine> write(
            UefiVirtualMachine seen, OperatorStatus status, Context<UefiVirtualMachine> context) {
        UefiVirtualMachine patch = new UefiVirtualMachine();
        patch.setMetadata(new ObjectMetaBuilder()
                .withNamespace(seen.getMetadata().getNamespace())
                .withName(seen.getMetadata().getName())
                .withResourceVersion(seen.getMetadata().getResourceVersion())
                .build());
        patch.setStatus(status.toStatus());
        try {
            UefiVirtualMachine now =
                    context.getClient().resource(patch).subresource("status").patch(APPLY);
            metrics.wrote("UefiVirtualMachine", "status");
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(ResourceID.fromResource(now), now, seen);
            return Optional.of(now);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
