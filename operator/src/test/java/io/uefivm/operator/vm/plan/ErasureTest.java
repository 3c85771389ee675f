package io.uefivm.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.pod.EraserPod;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErasureTest {
    private static final String ERASER = EraserPod.name(Sight.UID);
    private static final Action DELETE_ERASER = new Action.DeletePod(ERASER, "eraser", 0);
    private static final String RETAIN = "{memory: {size: 1Gi}, nvram: {sharedClaim: states, reclaimPolicy: Retain}}";

    private final Sight sight = sharing("{memory: {size: 1Gi}, nvram: {sharedClaim: states}}");

    private static Sight sharing(String spec) {
        Sight sight = new Sight(spec);
        sight.claims.put("states", new ClaimView("states", false, false, false, Optional.empty()));
        return sight;
    }

    @Test
    void theGuestEndsFirstThenTheFolderGoesThenTheVm() {
        assertThat(sight.run().done).doesNotHaveAnyElementsOfTypes(Action.CreateClaim.class);
        assertThat(sight.delete().actions()).containsExactly(new Action.DeletePod("web-1", "pod-1", 150));
        assertThat(sight.delete().actions()).isEmpty();

        assertThat(sight.podsGone().delete().actions()).containsExactly(new Action.CreateEraser());
        assertThat(sight.delete().actions()).isEmpty();
        assertThat(sight.bind("n1").delete().actions()).isEmpty();

        Plan last = sight.endPod(null).delete();
        assertThat(last.actions()).hasSize(3).startsWith(DELETE_ERASER).endsWith(new Action.Release());
        assertThat(((Action.Tell) last.actions().get(1)).reason()).isEqualTo(Reason.StateDeleted);
        assertThat(((Action.Tell) last.actions().get(1)).message()).contains("uefivm/" + Sight.UID, "states");
    }

    @Test
    void retainLeavesTheFolderAndSaysSo() {
        Sight kept = sharing(RETAIN);
        assertThat(kept.run().podsGone().delete().actions())
                .hasSize(2)
                .doesNotHaveAnyElementsOfTypes(Action.CreateEraser.class)
                .endsWith(new Action.Release())
                .first()
                .isInstanceOfSatisfying(Action.Tell.class, tell -> {
                    assertThat(tell.reason()).isEqualTo(Reason.StateRetained);
                    assertThat(tell.message()).contains("uefivm/" + Sight.UID, "states");
                });
    }

    @Test
    void aVmThatNeverStartedHasNothingToErase() {
        assertThat(sight.delete().actions()).containsExactly(new Action.Release());
    }

    @ParameterizedTest
    @CsvSource({"true, false, is lost", "false, true, is being deleted"})
    void aClaimThatNobodyCanMountIsLeftAlone(boolean lost, boolean deleting, String why) {
        sight.run().podsGone();
        sight.claims.put("states", new ClaimView("states", lost, deleting, false, Optional.empty()));
        assertThat(sight.delete().actions())
                .hasSize(2)
                .endsWith(new Action.Release())
                .first()
                .isInstanceOfSatisfying(
                        Action.Tell.class, tell -> assertThat(tell.message()).contains(why));
    }

    @Test
    void withoutANodeTheVmStaysAndSaysWhatToDo() {
        sight.run().podsGone().delete();
        Plan plan = sight.unschedulable("0/3 nodes are available").delete();
        assertThat(plan.actions()).isEmpty();
        Condition ready = plan.status().condition(ConditionType.Ready).orElseThrow();
        assertThat(ready.getReason()).isEqualTo("Unschedulable");
        assertThat(ready.getMessage())
                .contains(ERASER, "0/3 nodes are available", "set spec.nvram.reclaimPolicy to Retain");

        assertThat(sight.spec(RETAIN).delete().actions())
                .as("the way out")
                .hasSize(3)
                .startsWith(new Action.DeletePod(ERASER, "eraser", 150))
                .endsWith(new Action.Release());
    }

    @Test
    void aSilentHostIsNamed() {
        sight.run().podsGone().delete();
        sight.hosts.clear();
        sight.hosts.add(Sight.silent("n1"));
        Condition ready = sight.bind("n1")
                .delete()
                .status()
                .condition(ConditionType.Ready)
                .orElseThrow();
        assertThat(ready.getReason()).isEqualTo("AgentUnavailable");
        assertThat(ready.getMessage()).contains("n1");
    }

    @Test
    void aPodThatFailedIsMadeAgainAfterAWhile() {
        sight.run().podsGone().delete();
        Plan failed = sight.bind("n1").endPod("Evicted").delete();
        assertThat(failed.actions()).isEmpty();
        assertThat(failed.again()).contains(Duration.ofMinutes(1));
        assertThat(failed.status().condition(ConditionType.Ready).orElseThrow().getMessage())
                .contains("Evicted");

        assertThat(sight.after(Duration.ofMinutes(1)).delete().actions()).containsExactly(DELETE_ERASER);
        assertThat(sight.podsGone().delete().actions()).containsExactly(new Action.CreateEraser());
    }
}
