package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** When a watch first showed each step of one VM's start, by {@link System#nanoTime}. */
final class Milestones implements AutoCloseable {
    /** The steps of a start that show in the API, in their order. */
    enum Step {
        EPOCH,
        POD_CREATED,
        POD_BOUND,
        POD_RUNNING,
        NODE_NAME
    }

    private final Map<Step, Long> seen = new ConcurrentHashMap<>();
    private final List<Watch> watches;

    /** Watches from now on; the VM is to be created after this. */
    Milestones(KubernetesClient client, String vm) {
        watches = List.of(
                client.resources(UefiVirtualMachine.class)
                        .inNamespace(Vms.NAMESPACE)
                        .withName(vm)
                        .watch(watcher(this::look)),
                client.pods()
                        .inNamespace(Vms.NAMESPACE)
                        .withLabel(Api.LABEL_VM_UID)
                        .watch(watcher(pod -> {
                            if (pod.getMetadata().getName().contains(vm)) {
                                look(pod);
                            }
                        })));
    }

    private void look(UefiVirtualMachine vm) {
        Optional.ofNullable(vm.getStatus()).ifPresent(status -> {
            reached(Step.EPOCH, status.epoch() != null);
            reached(Step.NODE_NAME, status.nodeName() != null);
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

    private static <T> Watcher<T> watcher(Consumer<T> look) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, T resource) {
                look.accept(resource);
            }

            @Override
            public void onClose(WatcherException cause) {}
        };
    }

    @Override
    public void close() {
        watches.forEach(Watch::close);
    }
}
