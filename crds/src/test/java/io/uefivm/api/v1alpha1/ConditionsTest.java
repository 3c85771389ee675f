package io.uefivm.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void anotherOrderIsNotAnotherStatus() {
        List<Condition> applied = Conditions.after(List.of(), 1L, NOW)
                .with(ConditionType.Ready, false, Reason.Stopping, "")
                .with(ConditionType.Reconciling, true, Reason.Stopping, "")
                .with(ConditionType.Scheduled, true, Reason.Scheduled, "")
                .build();
        var kept = new ArrayList<>(applied);
        Collections.reverse(kept);

        assertThat(status(kept)).isEqualTo(status(applied));
        assertThat(status(kept).conditions()).isEqualTo(applied);
    }

    @Test
    void aConditionOfSomebodyElseComesLast() {
        Condition foreign = new Condition();
        foreign.setType("Audited");
        List<Condition> own = Conditions.after(List.of(), 1L, NOW)
                .with(ConditionType.NvramReady, true, Reason.NvramPrepared, "")
                .build();

        assertThat(Conditions.inOrder(List.of(foreign, own.get(0)))).containsExactly(own.get(0), foreign);
    }

    private static UefiVirtualMachineStatus status(List<Condition> conditions) {
        return UefiVirtualMachineStatus.ofAgent(null, null, null, null, null, conditions);
    }
}
