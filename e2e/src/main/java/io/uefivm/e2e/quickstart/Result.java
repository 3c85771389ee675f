package io.uefivm.e2e.quickstart;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one run found, for programs.
 *
 * @param controlPlane {@code embedded}, {@code kube-apiserver} or {@code kubeconfig}
 * @param secureBoot what the variable store says, as in the VM's status
 * @param guestSaysSecureBoot what the guest's own kernel says: {@code enabled} or {@code disabled}
 * @param secondsToDomain from the VM's creation until its status showed the running domain
 * @param secondsToGuest from the VM's creation until the guest's userland reported
 */
@JsonPropertyOrder({
    "controlPlane",
    "ready",
    "secureBoot",
    "nvramGeneration",
    "nvramSha256",
    "guestSaysSecureBoot",
    "secondsToDomain",
    "secondsToGuest"
})
record Result(
        String controlPlane,
        boolean ready,
        @Nullable String secureBoot,
        @Nullable Long nvramGeneration,
        @Nullable String nvramSha256,
        String guestSaysSecureBoot,
        double secondsToDomain,
        double secondsToGuest) {

    static Result of(
            String controlPlane,
            UefiVirtualMachine vm,
            String guestSaysSecureBoot,
            double secondsToDomain,
            double secondsToGuest) {
        var firmware = Optional.ofNullable(vm.getStatus().firmware()).map(FirmwareStatus::secureBoot);
        Optional<NvramStatus> nvram = Optional.ofNullable(vm.getStatus().nvram());
        return new Result(
                controlPlane,
                isReady(vm),
                firmware.map(Enum::name).orElse(null),
                nvram.map(NvramStatus::generation).orElse(null),
                nvram.map(NvramStatus::sha256).orElse(null),
                guestSaysSecureBoot,
                secondsToDomain,
                secondsToGuest);
    }

    static boolean isReady(UefiVirtualMachine vm) {
        return is(vm, ConditionType.Ready);
    }

    static boolean is(UefiVirtualMachine vm, ConditionType type) {
        return vm.getStatus() != null
                && vm.getStatus()
                        .condition(type)
                        .filter(c -> "True".equals(c.getStatus()))
                        .isPresent();
    }

    /** The last line of a run. */
    String line() {
        return "RESULT " + Serialization.asJson(this);
    }
}
