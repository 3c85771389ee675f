package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.controller.ControllerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceAction;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the reconciler once more of VMs that came back while their going was handled. A VM leaves this node's selection
 * between two epochs. When it is back before a reconcile that was under way has ended, the framework hands the going over
 * and then forgets the VM together with its coming, after which it drops every event of its pod: the review of
 * operator-framework/java-operator-sdk#3614 says why; 5.2.3 and 5.3.2 do it. What the framework measures with is told when
 * it has forgotten a VM, and only then is an event of its own heard.
 */
final class Comebacks implements Metrics {
    private final Map<ResourceID, ControllerEventSource<UefiVirtualMachine>> leaving = new ConcurrentHashMap<>();

    /** The reconciler is about to end the reconcile of a VM that has left, as far as it was told. */
    void leaves(ResourceID vm, ControllerEventSource<UefiVirtualMachine> source) {
        leaving.put(vm, source);
    }

    @Override
    public void cleanupDoneFor(ResourceID vm, Map<String, Object> metadata) {
        ControllerEventSource<UefiVirtualMachine> source = leaving.remove(vm);
        if (source != null) {
            source.get(vm).ifPresent(back -> source.eventReceived(ResourceAction.ADDED, back, null, null));
        }
    }
}
