package io.uefivm.agent.vm;

import io.uefivm.api.v1alpha1.EventRecorder;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Events about what status says newly of a VM's NVRAM. */
final class NvramNews {
    private NvramNews() {}

    /**
     * Tells them.
     *
     * @param vm with its status of before
     * @param now what was written
     */
    static void tell(EventRecorder events, UefiVirtualMachine vm, @Nullable NvramStatus now) {
        NvramStatus before = vm.getStatus() == null ? null : vm.getStatus().nvram();
        if (now == null) {
            return;
        }
        if (now.recovered() != null && (before == null || !now.recovered().equals(before.recovered()))) {
            events.warning(vm, Reason.NvramRecovered, now.recovered());
        }
        NvramRequestStatus answer = now.lastRequest();
        if (answer != null && (before == null || !answer.equals(before.lastRequest()))) {
            String message = answer.action() + " as " + answer.token() + ": "
                    + Objects.requireNonNullElse(
                            answer.message(), answer.outcome().name());
            if (answer.outcome() == RequestOutcome.Done) {
                events.normal(vm, Reason.RequestDone, message);
            } else {
                events.warning(vm, Reason.RequestRefused, message);
            }
        }
    }
}
