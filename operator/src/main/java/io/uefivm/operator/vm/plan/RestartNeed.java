package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.model.SpecDigests;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What of the spec waits for the next cold start of a VM that runs. That its firmware is not as declared, which a start may
 * repair too, is for the agent to say.
 */
record RestartNeed(Reason reason, String message) {

    /**
     * What waits.
     *
     * @param pod the pod that the VM runs in, which tells what spec it was started with
     */
    static Optional<RestartNeed> of(Machine vm, PodView pod) {
        // Says that the spec is the same whatever has become of the way in which it is digested.
        if (pod.generation() == vm.generation()) {
            return Optional.empty();
        }
        SortedSet<String> fields = new TreeSet<>();
        pod.spec().ifPresent(started -> fields.addAll(started.differing(SpecDigests.of(vm.spec()))));
        if (bootNextWaits(vm)) {
            fields.add("firmware.bootNext");
        }
        String changed = fields.isEmpty() ? "" : "changed since the VM was started: " + String.join(", ", fields);
        Optional<NvramRequest> request = vm.waitingRequest();
        String how = "; the next cold start takes it in: set runStrategy to Halted and back";
        if (request.isPresent()) {
            String asked = "nvram.request " + request.get().token() + " ("
                    + request.get().action() + ") waits";
            return Optional.of(
                    new RestartNeed(Reason.RequestPending, asked + (fields.isEmpty() ? "" : "; " + changed) + how));
        }
        return fields.isEmpty() ? Optional.empty() : Optional.of(new RestartNeed(Reason.SpecChanged, changed + how));
    }

    private static boolean bootNextWaits(Machine vm) {
        Optional<String> applied = Optional.ofNullable(vm.status().firmware()).map(FirmwareStatus::bootNext);
        String asked = vm.spec().firmware().bootNext();
        return asked != null && !applied.equals(Optional.of(asked));
    }
}
