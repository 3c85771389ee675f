package io.uefivm.e2e.product;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** All that the API server said of VMs, a line for each change, for whoever has to understand a failure. */
final class Story implements AutoCloseable {
    private final List<String> lines = new ArrayList<>();
    private final SharedIndexInformer<UefiVirtualMachine> informer;

    /** An informer, because etcd before 3.5 has no watch without a version to start from. */
    Story(KubernetesClient client) {
        informer = client.resources(UefiVirtualMachine.class).inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(UefiVirtualMachine vm) {
                add("ADDED", vm);
            }

            @Override
            public void onUpdate(UefiVirtualMachine before, UefiVirtualMachine vm) {
                add("MODIFIED", vm);
            }

            @Override
            public void onDelete(UefiVirtualMachine vm, boolean isStale) {
                add("DELETED", vm);
            }
        });
    }

    private void add(String change, UefiVirtualMachine vm) {
        UefiVirtualMachineStatus status = vm.getStatus() == null ? UefiVirtualMachineStatus.EMPTY : vm.getStatus();
        Condition none = new Condition();
        Condition ready = status.condition(ConditionType.Ready).orElse(none);
        String line = "%s %s %s rv=%s phase=%s epoch=%s pod=%s ready=%s %s: %s domain=%s"
                .formatted(
                        LocalTime.now().truncatedTo(ChronoUnit.MILLIS),
                        change,
                        vm.getMetadata().getName(),
                        vm.getMetadata().getResourceVersion(),
                        status.phase(),
                        status.epoch(),
                        status.podName(),
                        ready.getStatus(),
                        ready.getReason(),
                        ready.getMessage(),
                        status.domain());
        synchronized (lines) {
            lines.add(line);
        }
    }

    /** The lines about one VM. */
    String of(String name) {
        synchronized (lines) {
            return String.join(
                    "\n",
                    lines.stream()
                            .filter(line -> line.contains(" " + name + " "))
                            .toList());
        }
    }

    @Override
    public void close() {
        informer.close();
    }
}
