package io.uefivm.agent.vm;

import io.uefivm.agent.nvram.Answer;
import io.uefivm.agent.nvram.Asked;
import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.RefusedException;
import io.uefivm.agent.nvram.Request;
import io.uefivm.agent.nvram.StoreTransfer;
import io.uefivm.agent.nvram.Terms;
import io.uefivm.api.v1alpha1.Nvram;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.SecureBootMode;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Instant;
import java.util.Optional;

/** What {@code spec.nvram.request} means for a start, and what came of it in the words of status. */
final class NvramRequests {
    private NvramRequests() {}

    /** How an epoch of this VM begins; a request that status has an answer to is none. */
    static Terms terms(UefiVirtualMachine vm) {
        Nvram nvram = vm.getSpec().nvram();
        return new Terms(
                nvram.historyLimit(),
                nvram.onCorruption(),
                unanswered(vm).map(asked -> new Request(asked, transfer(vm, asked.action()))));
    }

    /** The request of the spec, unless its token has an answer in status. */
    static Optional<NvramRequest> unanswered(UefiVirtualMachine vm) {
        Optional<String> answered = last(vm).map(NvramRequestStatus::token);
        return Optional.ofNullable(vm.getSpec().nvram().request())
                .filter(asked -> !answered.equals(Optional.of(asked.token())));
    }

    /** What status says of the newest request. */
    static Optional<NvramRequestStatus> last(UefiVirtualMachine vm) {
        return Optional.ofNullable(vm.getStatus())
                .flatMap(status -> Optional.ofNullable(status.nvram()))
                .flatMap(nvram -> Optional.ofNullable(nvram.lastRequest()));
    }

    private static StoreTransfer transfer(UefiVirtualMachine vm, NvramAction action) {
        if (action == NvramAction.EnrollKeys && vm.getSpec().firmware().secureBoot() != SecureBootMode.Enabled) {
            return (store, keys) -> {
                throw new RefusedException("Keys are enrolled only in a VM whose firmware.secureBoot is Enabled; it is "
                        + vm.getSpec().firmware().secureBoot() + " in this one and cannot be changed");
            };
        }
        return action == NvramAction.Convert ? new StoreConversion() : new StoreKeys();
    }

    /** The answer for status; what status says already when there is none. */
    static Optional<NvramRequestStatus> answered(
            UefiVirtualMachine vm, Optional<? extends Answer> answer, Instant now) {
        Optional<NvramRequest> asked = unanswered(vm);
        return answer.isEmpty() || asked.isEmpty() ? last(vm) : Optional.of(status(asked.get(), answer.get(), now));
    }

    /** What the agent did before it was interrupted and could not say. */
    static Optional<NvramRequestStatus> done(UefiVirtualMachine vm, Generation base) {
        return unanswered(vm)
                .flatMap(asked -> base.asked().stream()
                        .filter(before -> before.token().equals(asked.token()))
                        .findFirst())
                .map(NvramRequests::status)
                .or(() -> last(vm));
    }

    private static NvramRequestStatus status(Asked what) {
        return new NvramRequestStatus(
                what.token(), what.action(), RequestOutcome.Done, text(what), what.generation(), what.at());
    }

    private static NvramRequestStatus status(NvramRequest asked, Answer answer, Instant now) {
        if (answer instanceof Answer.Done done) {
            return status(done.asked());
        }
        return new NvramRequestStatus(
                asked.token(),
                asked.action(),
                RequestOutcome.Refused,
                ((Answer.Refused) answer).why(),
                null,
                VmStatus.time(now));
    }

    private static String text(Asked what) {
        return switch (what.action()) {
                    case EnrollKeys -> "The keys that the spec declares are enrolled; PCR 7 changes with them";
                    case Restore -> "Generation " + what.source() + " is restored";
                    case FactoryReset -> "The variable store is as at the very first start";
                    case ResetKeepingKeys -> "All variables but the keys are as at the very first start";
                    case Convert -> "All variables are in a store of the size that the firmware needs";
                }
                + ": generation " + what.generation();
    }
}
