package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a VM stands, before it is put into conditions.
 *
 * @param scheduled whether its pod has a node; empty while it has no pod
 * @param restart what waits for the next cold start, if something does
 */
record Verdict(
        Phase phase,
        Truth ready,
        Reason reason,
        String message,
        Progress progress,
        Optional<Scheduled> scheduled,
        Optional<RestartNeed> restart) {

    enum Truth {
        True,
        False,
        Unknown
    }

    /** What kstatus makes of it: in progress, failed, or at rest. */
    enum Progress {
        RECONCILING,
        STALLED,
        SETTLED
    }

    record Scheduled(Truth status, Reason reason, String message) {}

    private Verdict(Phase phase, Truth ready, Reason reason, String message, Progress progress) {
        this(phase, ready, reason, message, progress, Optional.empty(), Optional.empty());
    }

    /** As it should be. */
    static Verdict settled(Phase phase, Reason reason, String message) {
        return new Verdict(phase, Truth.True, reason, message, Progress.SETTLED);
    }

    /** On its way to running; nothing is wrong. */
    static Verdict starting(Phase phase, Reason reason, String message) {
        return new Verdict(phase, Truth.Unknown, reason, message, Progress.RECONCILING);
    }

    /** Not as it should be, and something is under way. */
    static Verdict under(Phase phase, Reason reason, String message) {
        return new Verdict(phase, Truth.False, reason, message, Progress.RECONCILING);
    }

    /** Not as it should be, until somebody changes something. */
    static Verdict stalled(Phase phase, Reason reason, String message) {
        return new Verdict(phase, Truth.False, reason, message, Progress.STALLED);
    }

    Verdict onNode(String node) {
        return scheduled(new Scheduled(Truth.True, Reason.Scheduled, "on node " + node));
    }

    Verdict scheduled(Scheduled how) {
        return new Verdict(phase, ready, reason, message, progress, Optional.of(how), restart);
    }

    Verdict ready(Truth truth) {
        return new Verdict(phase, truth, reason, message, progress, scheduled, restart);
    }

    Verdict restart(Optional<RestartNeed> need) {
        return new Verdict(phase, ready, reason, message, progress, scheduled, need);
    }

    /**
     * The operator's conditions. Reconciling and Stalled follow kstatus, which takes them for false when they are absent;
     * so they are there only while they are true, and RestartRequired likewise.
     */
    List<Condition> conditions(List<Condition> before, @Nullable Long generation, Instant now) {
        Conditions conditions = Conditions.after(before, generation, now);
        add(conditions, ConditionType.Ready, ready, reason, message);
        if (progress == Progress.RECONCILING) {
            conditions.with(ConditionType.Reconciling, true, reason, message);
        } else if (progress == Progress.STALLED) {
            conditions.with(ConditionType.Stalled, true, reason, message);
        }
        scheduled.ifPresent(s -> add(conditions, ConditionType.Scheduled, s.status(), s.reason(), s.message()));
        restart.ifPresent(need -> conditions.with(ConditionType.RestartRequired, true, need.reason(), need.message()));
        return conditions.build();
    }

    private static void add(Conditions conditions, ConditionType type, Truth truth, Reason reason, String message) {
        if (truth == Truth.Unknown) {
            conditions.unknown(type, reason, message);
        } else {
            conditions.with(type, truth == Truth.True, reason, message);
        }
    }
}
