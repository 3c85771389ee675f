package io.uefivm.operator.vm;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.operator.metrics.OperatorMetrics;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.plan.Action;
import io.uefivm.operator.vm.plan.Rejection;
import io.uefivm.operator.vm.pod.EraserPod;
import io.uefivm.operator.vm.pod.NvramClaim;
import io.uefivm.operator.vm.pod.VmPod;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.Optional;

/** Does what a plan says, in the cluster. */
final class Actor {
    private static final int TOO_MANY_REQUESTS = 429;

    private final KubernetesClient client;
    private final ClusterView view;
    private final EventRecorder events;
    private final OperatorMetrics metrics;
    private final String holdImage;
    private final Clock clock;

    Actor(
            KubernetesClient client,
            ClusterView view,
            EventRecorder events,
            OperatorMetrics metrics,
            String holdImage,
            Clock clock) {
        this.client = client;
        this.view = view;
        this.events = events;
        this.metrics = metrics;
        this.holdImage = holdImage;
        this.clock = clock;
    }

    /**
     * Does one thing. Doing it again does no harm.
     *
     * @return why the API server refused to create something, if it did; another try gives the same
     * @throws KubernetesClientException when the API server cannot be reached or fails
     */
    Optional<Rejection> act(UefiVirtualMachine vm, Observation seen, Action action) {
        if (action instanceof Action.CreateClaim) {
            return createClaim(vm, seen);
        } else if (action instanceof Action.CreatePod create) {
            return createPod(vm, seen, create);
        } else if (action instanceof Action.DeletePod delete) {
            deletePod(vm.getMetadata().getNamespace(), delete);
        } else if (action instanceof Action.CreateEraser) {
            createEraser(vm, seen);
        } else if (action instanceof Action.DeleteClaim) {
            client.persistentVolumeClaims()
                    .inNamespace(vm.getMetadata().getNamespace())
                    .withName(NvramClaim.name(vm.getMetadata().getUid()))
                    .delete();
            metrics.wrote("PersistentVolumeClaim", "delete");
        } else if (action instanceof Action.Tell tell) {
            events.normal(vm, tell.reason(), tell.message());
        }
        return Optional.empty();
    }

    private Optional<Rejection> createClaim(UefiVirtualMachine vm, Observation seen) {
        PersistentVolumeClaim claim = NvramClaim.of(seen.vm());
        try {
            view.created(client.resource(claim).create());
            metrics.wrote("PersistentVolumeClaim", "create");
            events.normal(
                    vm,
                    Reason.ClaimCreated,
                    "PersistentVolumeClaim " + claim.getMetadata().getName()
                            + " made for NVRAM and TPM state; to keep it when the VM is deleted, set"
                            + " spec.nvram.reclaimPolicy to Retain");
            return Optional.empty();
        } catch (KubernetesClientException e) {
            // Its name holds the VM's UID: one that exists is ours.
            return e.getCode() == HttpURLConnection.HTTP_CONFLICT ? Optional.empty() : rejection(e);
        }
    }

    private Optional<Rejection> createPod(UefiVirtualMachine vm, Observation seen, Action.CreatePod create) {
        Pod pod = VmPod.of(seen.vm(), create.epoch(), create.name(), seen.claims(), view::deviceMemory, holdImage);
        try {
            view.created(client.resource(pod).create());
            metrics.wrote("Pod", "create");
            metrics.started();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_CONFLICT ? existing(vm, pod) : rejection(e);
        }
    }

    /** What the API server refuses is told and tried again: there is no start that it could be the end of. */
    private void createEraser(UefiVirtualMachine vm, Observation seen) {
        Pod pod = EraserPod.of(seen.vm(), holdImage);
        try {
            view.created(client.resource(pod).create());
            metrics.wrote("Pod", "create");
        } catch (KubernetesClientException e) {
            // Its name holds the VM's UID: one that exists is ours.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                rejection(e)
                        .ifPresent(refused -> events.warning(
                                vm,
                                refused.reason(),
                                refused.message()
                                        + "; to let the VM go and leave its state, set spec.nvram.reclaimPolicy to"
                                        + " Retain"));
            }
        }
    }

    private Optional<Rejection> existing(UefiVirtualMachine vm, Pod wanted) {
        Pod there = client.resource(wanted).get();
        if (there != null
                && vm.getMetadata()
                        .getUid()
                        .equals(there.getMetadata().getLabels().get(Api.LABEL_VM_UID))
                && PodView.of(there).epoch() == PodView.of(wanted).epoch()) {
            view.created(there);
            return Optional.empty();
        }
        return Optional.of(new Rejection(
                Reason.PodNameTaken,
                "a pod named " + wanted.getMetadata().getName()
                        + " exists that is not of this VM; the next start takes another name"));
    }

    private static Optional<Rejection> rejection(KubernetesClientException e) {
        boolean refused = e.getCode() >= 400 && e.getCode() < 500 && e.getCode() != TOO_MANY_REQUESTS;
        if (!refused) {
            throw e;
        }
        String message = e.getStatus() == null || e.getStatus().getMessage() == null
                ? e.getMessage()
                : e.getStatus().getMessage();
        return Optional.of(new Rejection(Reason.CreationRejected, "the API server refused: " + message));
    }

    private void deletePod(String namespace, Action.DeletePod delete) {
        client.pods()
                .inNamespace(namespace)
                .withName(delete.name())
                .withGracePeriod(delete.graceSeconds())
                .delete();
        metrics.wrote("Pod", "delete");
        view.deleting(new ResourceID(delete.name(), namespace), clock.instant());
    }
}
