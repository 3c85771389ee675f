package io.uefivm.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.ExpandedDisk;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlannerTest {

    private static String ready(Sight sight) {
        return sight.status
                .condition(ConditionType.Ready)
                .map(c -> c.getStatus() + " " + c.getReason())
                .orElse("absent");
    }

    private static String message(Sight sight) {
        return sight.status
                .condition(ConditionType.Ready)
                .map(Condition::getMessage)
                .orElse("");
    }

    private static boolean has(Sight sight, ConditionType type) {
        return sight.status
                .condition(type)
                .filter(c -> "True".equals(c.getStatus()))
                .isPresent();
    }

    /** Status writes are what plans differ in from the status before. */
    private static void assertQuiet(Sight sight) {
        Plan plan = Planner.plan(sight.observe(), sight.now);
        assertThat(plan.status())
                .isEqualTo(OperatorStatus.of(sight.observe().vm().status()));
        assertThat(plan.actions()).isEmpty();
    }

    @Test
    void startIsThreeWrites() {
        Sight sight = Sight.strategy("Always");

        Plan raise = sight.reconcile();
        assertThat(raise.actions()).containsExactly(new Action.CreateClaim(), new Action.CreatePod(1, "web-1"));
        assertThat(sight.status.phase()).isEqualTo(Phase.Scheduling);
        assertThat(ready(sight)).isEqualTo("Unknown Scheduling");
        assertThat(sight.status.nodeName()).isNull();
        assertThat(sight.status.identity().uuid()).isEqualTo(Sight.UID);
        assertQuiet(sight);

        sight.bind("n1").reconcile();
        assertThat(sight.status.phase()).isEqualTo(Phase.Starting);
        assertThat(sight.status.nodeName()).isEqualTo("n1");
        assertThat(has(sight, ConditionType.Scheduled)).isTrue();
        assertQuiet(sight);

        sight.running().reconcile();
        assertThat(sight.status.phase()).isEqualTo(Phase.Running);
        assertThat(ready(sight)).isEqualTo("True Running");
        assertThat(has(sight, ConditionType.Reconciling)).isFalse();
        assertQuiet(sight.after(Duration.ofHours(3)));
    }

    @Test
    void haltIsTwoWrites() {
        Sight sight = Sight.strategy("Always").run();
        sight.spec("{runStrategy: Halted, memory: {size: 1Gi}, terminationGracePeriodSeconds: 7}");

        Plan stop = sight.reconcile();
        assertThat(stop.actions()).containsExactly(new Action.DeletePod("web-1", "pod-1", 37));
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopping);
        assertThat(sight.status.nodeName()).isEqualTo("n1");
        assertThat(message(sight)).contains("7 s to shut down");
        assertQuiet(sight);

        assertQuiet(sight.stopped(Reason.StopRequested));
        sight.podsGone().reconcile();
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopped);
        assertThat(ready(sight)).isEqualTo("True Halted");
        assertThat(sight.status.nodeName()).isNull();
        assertThat(sight.status.podName()).isNull();
        assertThat(sight.status.epoch()).isEqualTo(1);
        assertThat(sight.status.conditions()).hasSize(1);
        assertQuiet(sight);

        sight.spec("{runStrategy: Always, memory: {size: 1Gi}}");
        assertThat(sight.reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void haltedVmIsNeverPlaced() {
        Sight sight = Sight.strategy("Halted");
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopped);
        assertThat(sight.status.epoch()).isNull();
        assertQuiet(sight);
    }

    /** Every way to end under every strategy, after an hour of running: what comes then? */
    @ParameterizedTest
    @CsvSource({
        "Always,         GuestShutdown,       now",
        "Always,         StopRequested,       now",
        "Always,         GracePeriodExceeded, now",
        "Always,         Destroyed,           now",
        "Always,         DomainLost,          now",
        "Always,         Crashed,             10",
        "RerunOnFailure, GuestShutdown,       Completed",
        "RerunOnFailure, StopRequested,       now",
        "RerunOnFailure, GracePeriodExceeded, now",
        "RerunOnFailure, Destroyed,           now",
        "RerunOnFailure, DomainLost,          now",
        "RerunOnFailure, Crashed,             10",
        "Once,           GuestShutdown,       Completed",
        "Once,           StopRequested,       Completed",
        "Once,           GracePeriodExceeded, Completed",
        "Once,           Destroyed,           Destroyed",
        "Once,           DomainLost,          DomainLost",
        "Once,           Crashed,             Crashed",
        "Halted,         GuestShutdown,       Halted",
        "Halted,         StopRequested,       Halted",
        "Halted,         GracePeriodExceeded, Halted",
        "Halted,         Destroyed,           Halted",
        "Halted,         DomainLost,          Halted",
        "Halted,         Crashed,             Halted",
    })
    void strategyDecidesWhatFollowsAnEnd(String strategy, Reason end, String then) {
        Sight sight = Sight.strategy("Always").run().after(Duration.ofHours(1));
        sight.spec = Sight.strategy(strategy).spec;
        sight.stopped(end);

        Plan ending = sight.reconcile();
        assertThat(ending.actions()).hasSize(1).first().isInstanceOf(Action.DeletePod.class);
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopping);
        assertThat(ready(sight)).isEqualTo("False " + end);
        assertQuiet(sight);

        Plan next = sight.podsGone().reconcile();
        if (then.equals("now")) {
            assertThat(next.actions()).containsExactly(new Action.CreatePod(2, "web-2"));
            assertThat(sight.status.completed()).isNull();
        } else if (then.matches("[0-9]+")) {
            assertThat(next.actions()).isEmpty();
            assertThat(ready(sight)).isEqualTo("False BackOff");
            assertThat(next.again()).contains(Duration.ofSeconds(Long.parseLong(then)));
            assertThat(sight.after(next.again().get()).reconcile().actions())
                    .containsExactly(new Action.CreatePod(2, "web-2"));
        } else {
            boolean good = then.equals("Completed") || then.equals("Halted");
            assertThat(next.actions()).isEmpty();
            assertThat(ready(sight)).isEqualTo((good ? "True " : "False ") + then);
            assertThat(has(sight, ConditionType.Stalled)).isEqualTo(!good);
            assertThat(sight.status.completed()).isEqualTo(strategy.equals("Halted") ? null : true);
            assertThat(sight.status.nodeName()).isNull();
            assertQuiet(sight.after(Duration.ofDays(1)));
        }
    }

    @Test
    void completedVmRunsAgainAfterItWasHalted() {
        Sight sight = Sight.strategy("Once").run();
        sight.stopped(Reason.GuestShutdown).reconcile();
        sight.podsGone().reconcile();
        assertThat(sight.status.completed()).isTrue();

        sight.spec(Sight.strategy("Halted").spec).reconcile();
        assertThat(sight.status.completed()).isNull();
        sight.spec(Sight.strategy("Once").spec);
        assertThat(sight.reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void onceIsNotFulfilledByADomainThatNeverRan() {
        Sight sight = Sight.strategy("Once");
        sight.reconcile();
        sight.bind("n1").failed(Reason.DomainStartFailed).reconcile();
        Plan plan = sight.podsGone().reconcile();
        assertThat(sight.status.completed()).isNull();
        assertThat(sight.after(plan.again().get()).reconcile().actions())
                .containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void failuresInARowAreSpacedOut() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        for (int delay : new int[] {10, 20, 40, 80, 160, 300, 300}) {
            sight.bind("n1").failed(Reason.DomainStartFailed).reconcile();
            assertThat(ready(sight)).isEqualTo("False DomainStartFailed");
            Plan closed = sight.podsGone().reconcile();
            assertThat(closed.again()).contains(Duration.ofSeconds(delay));
            assertThat(message(sight)).contains("because of a test").contains(sight.status.nextStartTime());
            assertThat(has(sight, ConditionType.Reconciling)).isTrue();
            assertQuiet(sight);
            // A minute before it is due, whatever woke the operator: nothing.
            assertThat(sight.reconcile().actions()).isEmpty();
            assertThat(sight.after(Duration.ofSeconds(delay)).reconcile().actions())
                    .hasSize(1);
        }
        assertThat(sight.status.failures()).isEqualTo(7);
    }

    @Test
    void aPodThatKubeletRefusesIsReplacedAfterABackOffThatSaysWhy() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        long epoch = 1;
        for (int delay : new int[] {10, 20, 40, 80, 160, 300, 300}) {
            sight.bind("n1").refuse("kubelet refused it: UnexpectedAdmissionError: Allocate failed");
            Plan closed = sight.reconcile();
            assertThat(closed.actions())
                    .as("at once, without a word of the agent")
                    .containsExactly(new Action.DeletePod("web-" + epoch, "pod-" + epoch, 0));
            assertThat(closed.again()).contains(Duration.ofSeconds(delay));
            assertThat(ready(sight)).isEqualTo("False BackOff");
            assertThat(message(sight))
                    .contains("PodFailed", "UnexpectedAdmissionError: Allocate failed", sight.status.nextStartTime());
            assertThat(has(sight, ConditionType.Stalled)).isFalse();
            assertQuiet(sight);
            epoch++;
            assertThat(sight.after(Duration.ofSeconds(delay)).reconcile().actions())
                    .containsExactly(new Action.CreatePod(epoch, "web-" + epoch));
        }
    }

    @Test
    void aRefusalIsForgottenOnceTheVmRuns() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").refuse("kubelet refused it: OutOfcpu").reconcile();
        sight.after(Duration.ofSeconds(10)).reconcile();
        sight.bind("n1").running().reconcile();
        assertThat(ready(sight)).isEqualTo("True Running");
        assertThat(message(sight)).doesNotContain("OutOfcpu");
    }

    @Test
    void tenMinutesOfRunningForgetFailures() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        for (int i = 0; i < 4; i++) {
            sight.bind("n1").failed(Reason.DomainStartFailed).reconcile();
            sight.podsGone().reconcile();
            sight.after(BackOff.LONGEST).reconcile();
        }
        sight.bind("n1").running().after(BackOff.PROVEN).stopped(Reason.Crashed).reconcile();
        assertThat(sight.podsGone().reconcile().again()).contains(Duration.ofSeconds(10));
        assertThat(sight.status.failures()).isEqualTo(1);
    }

    @Test
    void clockOfAHostThatIsAheadDoesNotPutTheNextStartOff() {
        Sight sight = Sight.strategy("Always").run();
        Instant now = sight.now;
        sight.after(Duration.ofDays(1)).stopped(Reason.Crashed);
        sight.now = now;
        sight.reconcile();
        assertThat(sight.podsGone().reconcile().again()).contains(Duration.ofSeconds(10));
    }

    @Test
    void guestThatPowersOffAtBootDoesNotLoop() {
        Sight sight = Sight.strategy("Always").run();
        sight.after(Duration.ofSeconds(5)).stopped(Reason.GuestShutdown).reconcile();
        assertThat(sight.podsGone().reconcile().actions()).hasSize(1);
        sight.bind("n1")
                .running()
                .after(Duration.ofSeconds(5))
                .stopped(Reason.GuestShutdown)
                .reconcile();
        assertThat(sight.podsGone().reconcile().again()).contains(Duration.ofSeconds(10));
    }

    @Test
    void changedSpecEndsTheBackOff() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").failed(Reason.DomainStartFailed).reconcile();
        sight.podsGone().reconcile();
        assertThat(sight.spec("{memory: {size: 2Gi}}").reconcile().actions()).hasSize(1);
        assertThat(sight.status.failures()).isNull();
    }

    @Test
    void backOffSurvivesARestartOfTheOperatorBecauseItIsInStatus() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").failed(Reason.HypervisorUnavailable).reconcile();
        sight.podsGone().reconcile();
        sight.after(Duration.ofSeconds(4));
        assertThat(Planner.plan(sight.observe(), sight.now).again()).contains(Duration.ofSeconds(6));
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {
                "NvramUnreadable",
                "NvramWrongSize",
                "ClaimTooSmall",
                "ClaimUnsafe",
                "DiskNotFound",
                "FirmwareNotFound",
                "MachineTypeNotFound",
                "SecureBootWithoutSmm",
                "DeviceUnavailable"
            })
    void failureOutsideTheSpecStallsAndIsTriedNowAndThen(Reason reason) {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").failed(reason).reconcile();
        assertThat(sight.status.phase()).isEqualTo(Phase.Failed);
        assertThat(has(sight, ConditionType.Stalled)).isTrue();
        assertThat(message(sight)).isEqualTo("because of a test");

        Plan closed = sight.podsGone().reconcile();
        assertThat(ready(sight)).isEqualTo("False " + reason);
        assertThat(has(sight, ConditionType.Stalled)).isTrue();
        assertThat(closed.again()).contains(Duration.ofMinutes(5));
        assertQuiet(sight.after(Duration.ofMinutes(4)));
        assertThat(sight.after(Duration.ofMinutes(1)).reconcile().actions()).hasSize(1);
    }

    @Test
    void failureOfTheSpecStallsUntilTheSpecChanges() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").failed(Reason.DomainInvalid).reconcile();
        assertThat(sight.podsGone().reconcile().again()).isEmpty();
        assertThat(ready(sight)).isEqualTo("False DomainInvalid");
        assertQuiet(sight.after(Duration.ofDays(9)));

        assertThat(sight.spec("{memory: {size: 2Gi}}").reconcile().actions()).hasSize(1);
        assertThat(has(sight, ConditionType.Stalled)).isFalse();
    }

    @Test
    void failureThatSpeaksOfAnOlderSpecDoesNotStallTheNewOne() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1")
                .spec("{memory: {size: 2Gi}}")
                .failed(Reason.DomainInvalid)
                .reconcile();
        assertThat(has(sight, ConditionType.Stalled)).isFalse();
        Plan closed = sight.podsGone().reconcile();
        assertThat(has(sight, ConditionType.Stalled)).isFalse();
        assertThat(closed.again()).contains(Duration.ofSeconds(10));
    }

    @Test
    void specChangedWhileAStalledPodEndsIsTriedAtOnce() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").failed(Reason.DomainInvalid).reconcile();
        sight.spec("{memory: {size: 2Gi}}").reconcile();
        assertThat(has(sight, ConditionType.Stalled)).isFalse();
        sight.podsGone().reconcile();
        assertThat(sight.after(Duration.ofSeconds(10)).reconcile().actions()).hasSize(1);
    }

    @Test
    void drainIsFollowedByANewEpoch() {
        Sight sight = Sight.strategy("Always").run().after(Duration.ofHours(1));
        sight.pods.replaceAll(Sight::deleting);
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopping);
        assertThat(message(sight)).contains("pod web-1 is being deleted");
        sight.stopped(Reason.StopRequested).reconcile();
        assertThat(sight.podsGone().reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void forceDeletedPodIsFollowedByANewEpochAtOnce() {
        Sight sight = Sight.strategy("Always").run();
        assertThat(sight.podsGone().reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
        assertThat(sight.status.nodeName()).isNull();
        assertThat(sight.status.epoch()).isEqualTo(2);
    }

    @Test
    void lostHostMakesReadyUnknownAndNothingElse() {
        Sight sight = Sight.strategy("Always").run();
        sight.hosts.set(0, Sight.silent("n1"));
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(ready(sight)).isEqualTo("Unknown AgentUnavailable");
        assertThat(sight.status.phase()).isEqualTo(Phase.Running);
        assertQuiet(sight.after(Duration.ofHours(1)));

        sight.pods.replaceAll(Sight::deleting);
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(message(sight)).contains("out-of-service");

        sight.hosts.add(Sight.host("n2"));
        assertThat(sight.podsGone().reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void unschedulableSaysWhatTheSchedulerSaysOnceVolumesHadTheirTime() {
        Sight sight = unschedulable("0/3 nodes are available: 3 Insufficient memory.");
        Plan early = sight.reconcile();
        assertThat(ready(sight)).isEqualTo("Unknown Scheduling");
        assertThat(early.again()).contains(Duration.ofSeconds(6));

        sight.now = sight.now.plusSeconds(6);
        sight.reconcile();
        assertThat(ready(sight)).isEqualTo("False Unschedulable");
        assertThat(sight.status.condition(ConditionType.Scheduled).get().getStatus())
                .isEqualTo("False");
        assertThat(message(sight)).contains("Insufficient memory");
        assertQuiet(sight);
    }

    @Test
    void volumesThatAreBeingProvisionedHaveHalfAMinute() {
        Sight sight = unschedulable("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
                + " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
        sight.now = sight.now.plusSeconds(29);
        Plan early = sight.reconcile();
        assertThat(ready(sight)).isEqualTo("Unknown Scheduling");
        assertThat(early.again()).contains(Duration.ofSeconds(1));

        sight.now = sight.now.plusSeconds(1);
        sight.reconcile();
        assertThat(ready(sight)).isEqualTo("False Unschedulable");
    }

    /** A VM whose pod was just made, and of which kube-scheduler says this. */
    private static Sight unschedulable(String message) {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        PodView pod = sight.pods.get(0);
        sight.pods.set(
                0,
                new PodView(
                        pod.name(),
                        pod.uid(),
                        1,
                        1,
                        pod.spec(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.of(message),
                        Optional.empty(),
                        pod.refused()));
        return sight;
    }

    @Test
    void podThatEndsWithoutAReportIsWaitedForAndThenGivenUp() {
        Sight sight = Sight.strategy("Always").run().after(Duration.ofMinutes(2));
        Plan wait = sight.endPod(null).reconcile();
        assertThat(wait.again()).contains(Run.REPORT_TIME);
        assertThat(wait.actions()).isEmpty();
        assertThat(ready(sight)).isEqualTo("False Stopping");

        Plan over = sight.after(Run.REPORT_TIME).reconcile();
        assertThat(over.actions()).hasSize(1).first().isInstanceOf(Action.DeletePod.class);
        assertThat(message(sight)).contains("DomainLost");
        assertThat(sight.reconcile().actions()).containsExactly(new Action.CreatePod(2, "web-2"));
    }

    @Test
    void reportThatComesInTimeCounts() {
        Sight sight = Sight.strategy("RerunOnFailure").run().after(Duration.ofMinutes(2));
        sight.endPod(null).reconcile();
        sight.after(Duration.ofSeconds(3)).stopped(Reason.GuestShutdown).reconcile();
        sight.podsGone().reconcile();
        assertThat(ready(sight)).isEqualTo("True Completed");
    }

    @Test
    void podThatKubeletRefusesIsRetriedWithBackOff() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.bind("n1").endPod("UnexpectedAdmissionError: no devices").reconcile();
        Plan over = sight.after(Run.REPORT_TIME).reconcile();
        assertThat(message(sight)).contains("UnexpectedAdmissionError: no devices");
        assertThat(ready(sight)).isEqualTo("False BackOff");
        assertThat(over.again()).contains(Duration.ofSeconds(10));
        assertThat(sight.reconcile().actions()).isEmpty();
        assertThat(sight.after(Duration.ofSeconds(10)).reconcile().actions()).hasSize(1);
    }

    @Test
    void podOfAnEarlierEpochIsDeletedAndWaitedFor() {
        Sight sight = Sight.strategy("Always").run().podsGone();
        sight.pods.add(sight.pod(1));
        sight.status = OperatorStatus.of(sight.status).raised(2, "web-2").toStatus();
        Plan plan = sight.reconcile();
        assertThat(plan.actions()).containsExactly(new Action.DeletePod("web-1", "pod-1", 150));
        assertThat(sight.status.podName()).isEqualTo("web-2");
        assertThat(sight.status.epoch()).isEqualTo(2);
        assertQuiet(sight);
    }

    @Test
    void rejectedPodIsRetriedWithBackOffAndSaysWhy() {
        Sight sight = Sight.strategy("Always");
        sight.reconcile();
        sight.podsGone();
        Plan plan = Planner.afterRejection(
                sight.observe(),
                new Rejection(Reason.CreationRejected, "the API server refused: exceeded quota"),
                sight.now);
        assertThat(plan.again()).contains(Duration.ofSeconds(10));
        assertThat(plan.status().podName()).isNull();
        assertThat(plan.status().condition(ConditionType.Ready).get().getMessage())
                .contains("exceeded quota");
    }

    @Test
    void anExpandedClaimIsSaidOfItsDiskAndOfNoMedium() {
        Sight sight = new Sight("{memory: {size: 1Gi}, disks: ["
                + "{name: root, persistentVolumeClaim: {claimName: root}},"
                + " {name: dvd, cdrom: {}, persistentVolumeClaim: {claimName: dvd}}]}");
        List.of("root", "dvd")
                .forEach(name -> sight.claims.put(name, new ClaimView(name, false, false, false, Optional.empty())));
        sight.run();
        assertThat(sight.status.expandedDisks()).isEmpty();

        List.of("root", "dvd")
                .forEach(name -> sight.claims.put(name, new ClaimView(name, false, false, false, Optional.of("2Gi"))));
        sight.reconcile();
        assertThat(sight.status.expandedDisks()).containsExactly(new ExpandedDisk("root", "2Gi"));
        assertThat(Planner.plan(sight.observe(), sight.now).status())
                .as("said once")
                .isEqualTo(OperatorStatus.of(sight.observe().vm().status()));
    }

    @Test
    void pausedDomainIsNotReady() {
        Sight sight = Sight.strategy("Always").run();
        sight.domain = new DomainStatus(
                1L, DomainState.Paused, Reason.Paused, "I/O error on disk root", "n1", null, null, null, null, null);
        sight.reconcile();
        assertThat(sight.status.phase()).isEqualTo(Phase.Paused);
        assertThat(message(sight)).contains("I/O error on disk root");
    }

    @Test
    void whatAnAgentSaysOfAnEarlierEpochIsNotBelieved() {
        Sight sight = Sight.strategy("Always").run();
        sight.podsGone().reconcile();
        sight.bind("n2");
        sight.hosts.add(Sight.host("n2"));
        sight.reconcile();
        assertThat(sight.domain.epoch()).isEqualTo(1);
        assertThat(ready(sight)).isEqualTo("Unknown Starting");
    }

    @Test
    void transitionTimesStayWhileAConditionStays() {
        Sight sight = Sight.strategy("Always").run();
        String since = sight.status.condition(ConditionType.Ready).get().getLastTransitionTime();
        sight.after(Duration.ofMinutes(5)).spec("{memory: {size: 2Gi}}").reconcile();
        Condition ready = sight.status.condition(ConditionType.Ready).get();
        assertThat(ready.getLastTransitionTime()).isEqualTo(since);
        assertThat(ready.getObservedGeneration()).isEqualTo(2);
        assertThat(sight.status.observedGeneration()).isEqualTo(2);
    }

    @Test
    void identityIsDerivedOnceAndKept() {
        Sight sight = new Sight("{memory: {size: 1Gi}, networks: [{name: lan, user: {}}, {name: san, user: {},"
                + " macAddress: '52:54:00:00:00:01'}]}");
        sight.reconcile();
        var first = sight.status.identity();
        assertThat(first.macAddresses().get(0).address())
                .as("unicast, locally administered")
                .matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}");
        assertThat(first.macAddresses().get(1).address()).isEqualTo("52:54:00:00:00:01");

        sight.spec("{memory: {size: 1Gi}, networks: [{name: dmz, user: {}}]}").reconcile();
        assertThat(sight.status.identity().macAddresses()).hasSize(3).containsAll(first.macAddresses());
    }

    @Test
    void deletionWaitsForTheGuestAndFollowsTheReclaimPolicy() {
        Sight sight = Sight.strategy("Always").run();
        assertThat(sight.delete().actions()).containsExactly(new Action.DeletePod("web-1", "pod-1", 150));
        assertThat(sight.status.phase()).isEqualTo(Phase.Stopping);
        assertThat(sight.delete().actions()).isEmpty();
        assertThat(sight.podsGone().delete().actions())
                .hasAtLeastOneElementOfType(Action.DeleteClaim.class)
                .endsWith(new Action.Release());

        sight.spec = "{memory: {size: 1Gi}, nvram: {reclaimPolicy: Retain}}";
        assertThat(sight.delete().actions())
                .doesNotHaveAnyElementsOfTypes(Action.DeleteClaim.class)
                .endsWith(new Action.Release());
    }

    @Test
    void transitionsAreToldOnce() {
        Sight sight = Sight.strategy("Always");
        OperatorStatus before = OperatorStatus.of(sight.status);
        Plan raise = sight.reconcile();
        assertThat(Transition.between(before, raise.status()))
                .singleElement()
                .satisfies(t -> assertThat(t.reason()).isEqualTo(Reason.Scheduling));
        assertThat(Transition.between(raise.status(), raise.status())).isEmpty();
        sight.bind("n1").reconcile();
        OperatorStatus starting = OperatorStatus.of(sight.status);
        sight.failed(Reason.NvramUnreadable).reconcile();
        assertThat(Transition.between(starting, OperatorStatus.of(sight.status)))
                .singleElement()
                .satisfies(t -> assertThat(t.warning()).isTrue());
    }

    @Test
    void timesInStatusHaveNoFractions() {
        Sight sight = Sight.strategy("Always");
        sight.now = Instant.parse("2026-01-01T00:00:00.123456789Z");
        sight.reconcile();
        sight.bind("n1").failed(Reason.DomainStartFailed).reconcile();
        sight.podsGone().reconcile();
        assertThat(sight.status.nextStartTime()).isEqualTo("2026-01-01T00:00:10Z");
        assertThat(sight.status.conditions())
                .allSatisfy(c -> assertThat(c.getLastTransitionTime()).doesNotContain("."));
    }
}
