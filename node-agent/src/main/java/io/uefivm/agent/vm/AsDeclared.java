package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.agent.declared.Declaration.Verdict;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import java.util.Optional;
import java.util.Set;

/**
 * The condition {@code FirmwareAsDeclared}. What it says stays until a store is compared again.
 *
 * @param verdict of the newest comparison; empty before the first one
 */
record AsDeclared(Optional<Verdict> verdict) {
    private static final Set<Reason> REASONS = Set.of(Reason.AsDeclared, Reason.KeysDrifted, Reason.VariablesDrifted);

    /** What status says now. */
    static AsDeclared of(UefiVirtualMachineStatus status) {
        return new AsDeclared(status.condition(ConditionType.FirmwareAsDeclared).flatMap(AsDeclared::verdict));
    }

    private static Optional<Verdict> verdict(Condition condition) {
        return REASONS.stream()
                .filter(reason -> reason.name().equals(condition.getReason()))
                .findFirst()
                .map(reason -> new Verdict(reason, condition.getMessage()));
    }

    void addTo(Conditions conditions) {
        verdict.ifPresentOrElse(
                said -> conditions.with(
                        ConditionType.FirmwareAsDeclared,
                        said.reason() == Reason.AsDeclared,
                        said.reason(),
                        said.message()),
                () -> conditions.unknown(
                        ConditionType.FirmwareAsDeclared,
                        Reason.Pending,
                        "The variable store was not compared with the spec yet"));
    }
}
