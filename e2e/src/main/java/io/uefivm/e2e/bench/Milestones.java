package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.OnAny;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** When a watch first showed each step of one VM's start, by {@link System#nanoTime}. */
final class Milestones implements AutoCloseable {
    /** The steps of a start that show in the API, in their order. */
    enum Step {
        EPOCH,
        POD_CREATED,
        POD_BOUND,
        POD_RUNNING
    }

    private final Map<Step, Long> seen = new ConcurrentHashMap<>();
    private final List<SharedIndexInformer<?>> informers;

    /** Watches from now on; the VM is to be created after this. */
    Milestones(KubernetesClient client, String vm) {
        informers = List.of(
                client.resources(UefiVirtualMachine.class)
                        .inNamespace(Vms.NAMESPACE)
                        .withName(vm)
                        .inform(new OnAny<>(this::look)),
                client.pods()
                        .inNamespace(Vms.NAMESPACE)
                        .withLabel(Api.LABEL_VM_UID)
                        .inform(new OnAny<>(pod -> {
                            if (vm.equals(pod.getMetadata().getAnnotations().get(Api.ANNOTATION_VM_NAME))) {
                                look(pod);
                            }
                        })));
    }

    private void look(UefiVirtualMachine vm) {
        Optional.ofNullable(vm.getStatus()).ifPresent(status -> {
            reached(Step.EPOCH, status.epoch() != null);
        });
    }

    private void look(Pod pod) {
        reached(Step.POD_CREATED, true);
        reached(Step.POD_BOUND, pod.getSpec().getNodeName() != null);
        reached(Step.POD_RUNNING, "Running".equals(pod.getStatus().getPhase()));
    }

    private void reached(Step step, boolean is) {
        if (is) {
            seen.putIfAbsent(step, System.nanoTime());
        }
    }

    /** A step of a VM that is Ready. */
    long at(Step step) {
        Long time = seen.get(step);
        if (time == null) {
            throw new IllegalStateException("the watch showed no " + step + ", only " + seen.keySet());
        }
        return time;
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::close);
    }
}
