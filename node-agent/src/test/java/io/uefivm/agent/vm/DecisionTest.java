package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecisionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration GRACE = Duration.ofSeconds(120);
    private static final Optional<PodView> NO_POD = Optional.empty();
    private static final Optional<PodView> PENDING = pod(false, Optional.empty());
    private static final Optional<PodView> RUNNING = pod(true, Optional.empty());
    private static final Optional<PodView> DELETING =
            pod(true, Optional.of(new PodView.Stop(NOW.minusSeconds(10), Duration.ofSeconds(150))));
    private static final Optional<PodView> OVERDUE =
            pod(true, Optional.of(new PodView.Stop(NOW.minusSeconds(121), Duration.ofSeconds(150))));
    private static final Optional<RunningDomain> NO_DOMAIN = Optional.empty();

    static Stream<Arguments> table() {
        return Stream.of(
                row("nothing is there", NO_POD, NO_DOMAIN, null, new NextStep.Nothing()),
                row("pod waits for its volumes", PENDING, NO_DOMAIN, null, new NextStep.Nothing()),
                row("pod runs", RUNNING, NO_DOMAIN, null, new NextStep.Start()),
                row("pod ends before the domain ever ran", DELETING, NO_DOMAIN, null, new NextStep.Release()),
                row("started, not said", RUNNING, domain(7), null, new NextStep.Report(DomainState.Running)),
                row("started and said", RUNNING, domain(7), DomainState.Running, new NextStep.Nothing()),
                row("resumed", RUNNING, domain(7), DomainState.Paused, new NextStep.Report(DomainState.Running)),
                row(
                        "asked to stop",
                        DELETING,
                        domain(7),
                        DomainState.Running,
                        new NextStep.Shutdown(NOW.minusSeconds(10).plus(GRACE))),
                row(
                        "grace is over",
                        OVERDUE,
                        domain(7),
                        DomainState.Stopping,
                        new NextStep.Destroy(Reason.GracePeriodExceeded)),
                row(
                        "pod was force-deleted",
                        NO_POD,
                        domain(7),
                        DomainState.Running,
                        new NextStep.Destroy(Reason.Destroyed)),
                row("domain of an earlier epoch", RUNNING, domain(6), null, new NextStep.Discard()),
                row("domain of an earlier epoch, no pod", NO_POD, domain(6), null, new NextStep.Discard()),
                row("domain of a later epoch: the cache is behind", RUNNING, domain(8), null, new NextStep.CatchUp()),
                row("ended unseen", RUNNING, NO_DOMAIN, DomainState.Running, new NextStep.Conclude()),
                row("ended after the request", DELETING, NO_DOMAIN, DomainState.Stopping, new NextStep.Conclude()),
                row("ended, pod already gone", NO_POD, NO_DOMAIN, DomainState.Running, new NextStep.Conclude()),
                row("end said, pod still there", RUNNING, NO_DOMAIN, DomainState.Stopped, new NextStep.Release()),
                row("failure said, pod still there", RUNNING, NO_DOMAIN, DomainState.Failed, new NextStep.Release()),
                row("end said, pod gone", NO_POD, NO_DOMAIN, DomainState.Stopped, new NextStep.Nothing()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void decides(String name, Situation situation, NextStep expected) {
        assertThat(Decision.decide(situation, NOW)).isEqualTo(expected);
    }

    @Test
    void whatAnotherEpochReportedDoesNotCount() {
        var situation = new Situation(8, GRACE, RUNNING, NO_DOMAIN, Optional.of(status(DomainState.Stopped)));
        assertThat(Decision.decide(situation, NOW)).isEqualTo(new NextStep.Start());
    }

    @Test
    void aDomainOfAnotherPodIsNotThisPods() {
        var other = new PodView("other-pod", true, Optional.empty());
        var situation = new Situation(7, GRACE, Optional.of(other), domain(7), Optional.empty());
        assertThat(Decision.decide(situation, NOW)).isEqualTo(new NextStep.Destroy(Reason.Destroyed));
    }

    @Test
    void aShorterGraceOfThePodLeavesTimeToCommit() {
        var stop = new PodView.Stop(NOW, Duration.ofSeconds(20));
        assertThat(stop.deadline(GRACE)).isEqualTo(NOW.plusSeconds(15));
    }

    @Test
    void theMomentOfTheRequestIsDerivedFromTheEndOfTheGrace() {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withUid("pod")
                .withDeletionTimestamp("2026-01-01T12:02:30Z")
                .withDeletionGracePeriodSeconds(150L)
                .endMetadata()
                .withNewStatus()
                .withPhase("Running")
                .endStatus()
                .build();
        assertThat(PodView.of(pod))
                .isEqualTo(new PodView("pod", true, Optional.of(new PodView.Stop(NOW, Duration.ofSeconds(150)))));
    }

    private static Arguments row(
            String name,
            Optional<PodView> pod,
            Optional<RunningDomain> domain,
            DomainState reported,
            NextStep expected) {
        return Arguments.of(
                name,
                new Situation(
                        7, GRACE, pod, domain, Optional.ofNullable(reported).map(DecisionTest::status)),
                expected);
    }

    private static Optional<PodView> pod(boolean running, Optional<PodView.Stop> stop) {
        return Optional.of(new PodView("pod", running, stop));
    }

    private static Optional<RunningDomain> domain(long epoch) {
        var owner = new DomainOwner("ns", "vm", "uid", epoch, "pod");
        return Optional.of(new RunningDomain(new UUID(0, 1), "ns.vm", owner, RunningDomain.State.RUNNING));
    }

    private static DomainStatus status(DomainState state) {
        return new DomainStatus(7L, state, Reason.Running, null, "node", "ns.vm", "tcg", null, null, null);
    }
}
