package io.uefivm.agent.vm;

import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Duration;

/** When a VM is looked at again though nothing happens. */
final class Again {
    private static final Duration CATCH_UP = Duration.ofSeconds(1);

    private Again() {}

    /** Once the API server has had time to show what was written. */
    static UpdateControl<UefiVirtualMachine> soon() {
        return after(CATCH_UP);
    }

    static UpdateControl<UefiVirtualMachine> after(Duration delay) {
        return UpdateControl.<UefiVirtualMachine>noUpdate()
                .rescheduleAfter(delay.isNegative() || delay.isZero() ? Duration.ofMillis(1) : delay);
    }
}
