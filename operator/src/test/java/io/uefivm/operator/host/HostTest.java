package io.uefivm.operator.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.operator.host.Heartbeats.Pulse;
import io.uefivm.operator.host.Readiness.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LEASE = Duration.ofSeconds(40);
    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    private final Heartbeats heartbeats = new Heartbeats();

    private static Optional<Pulse> renewed(Instant time) {
        return Optional.of(new Pulse(time, LEASE));
    }

    @Test
    void agentIsAliveAsLongAsItsLeaseHolds() {
        assertThat(heartbeats.note("n", renewed(NOW), NOW)).contains(LEASE);
        assertThat(heartbeats.note("n", renewed(NOW), NOW.plusSeconds(39))).contains(Duration.ofSeconds(1));
        assertThat(heartbeats.note("n", renewed(NOW), NOW.plusSeconds(40))).isEmpty();
        assertThat(heartbeats.note("n", renewed(NOW.plusSeconds(60)), NOW.plusSeconds(61)))
                .contains(LEASE);
        assertThat(heartbeats.note("n", Optional.empty(), NOW.plusSeconds(62))).isEmpty();
    }

    /** A host whose clock is an hour behind is as alive as any other. */
    @Test
    void clockOfTheHostDoesNotMatterOnceARenewalWasSeen() {
        Instant behind = NOW.minus(Duration.ofHours(1));
        assertThat(heartbeats.note("n", renewed(behind), NOW)).isEmpty();
        assertThat(heartbeats.note("n", renewed(behind.plusSeconds(10)), NOW.plusSeconds(10)))
                .contains(LEASE);
    }

    /** After a restart of the operator, a host that died before does not look alive for the length of a Lease. */
    @Test
    void leaseThatRanOutBeforeItWasFirstSeenIsDead() {
        assertThat(heartbeats.note("n", renewed(NOW.minusSeconds(41)), NOW)).isEmpty();
        assertThat(heartbeats.note("n", renewed(NOW.minusSeconds(41)), NOW.plusSeconds(5)))
                .isEmpty();
    }

    private static Condition condition(ConditionType type, String status, String reason) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason)
                .withMessage("said the agent")
                .build();
    }

    private static UefiHostStatus host(String virtualization, String firmware) {
        return new UefiHostStatus(
                null,
                new Virtualization("12", "11", "kvm", true, true, List.of("pc-q35-7.2", "bad name", "x".repeat(64))),
                List.of(new FirmwareBuild("60.json", "OVMF", DIGEST, 1L, DIGEST, 1L, true, true, true, List.of())),
                List.of(),
                List.of(
                        condition(ConditionType.Virtualization, virtualization, "ProbeFailed"),
                        condition(ConditionType.FirmwareAvailable, firmware, "SomethingNew")));
    }

    @Test
    void readinessFollowsHeartbeatNodeAndProbes() {
        UefiHostStatus good = host("True", "True");
        assertThat(Readiness.of(good, true, false, "x").status()).isEqualTo(Status.TRUE);
        assertThat(Readiness.of(good, false, false, "at noon"))
                .isEqualTo(new Readiness(
                        Status.UNKNOWN,
                        Reason.AgentUnavailable,
                        "the node agent does not answer; last heartbeat: at noon"));
        assertThat(Readiness.of(good, true, true, "x").reason()).isEqualTo(Reason.NodeUnavailable);
        Readiness broken = Readiness.of(host("False", "True"), true, false, "x");
        assertThat(broken.status()).isEqualTo(Status.FALSE);
        assertThat(broken.reason()).isEqualTo(Reason.ProbeFailed);
        assertThat(broken.message()).isEqualTo("Virtualization: said the agent");
        assertThat(Readiness.of(host("True", "False"), true, false, "x").reason())
                .isEqualTo(Reason.ProbeFailed);
        UefiHostStatus silent = new UefiHostStatus(null, null, List.of(), List.of(), List.of());
        assertThat(Readiness.of(silent, true, false, "x").status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void reportWithHolesGivesNoLabelsForWhatItLeavesOut() {
        UefiHostStatus odd = new UefiHostStatus(
                null,
                new Virtualization(null, null, null, null, null, null),
                List.of(new FirmwareBuild("x", null, null, null, null, null, null, null, null, null)),
                List.of(),
                List.of());
        assertThat(NodeLabels.of(odd, true)).containsOnlyKeys("uefivm.io/ready", "firmware.uefivm.io/plain");
    }

    @Test
    void labelsSayWhatTheHostCanDo() {
        Map<String, String> labels = NodeLabels.of(host("True", "True"), true);
        assertThat(labels)
                .isEqualTo(Map.of(
                        "uefivm.io/ready",
                        "true",
                        "uefivm.io/smm",
                        "true",
                        "uefivm.io/vsock",
                        "true",
                        "uefivm.io/accelerator",
                        "kvm",
                        "firmware.uefivm.io/secure-boot",
                        "true",
                        "firmware.uefivm.io/secure-boot-1",
                        "true",
                        "firmware.uefivm.io/code-" + "ab".repeat(16),
                        "true",
                        "machine.uefivm.io/pc-q35-7.2",
                        "true"));
        assertThat(NodeLabels.of(host("True", "True"), false)).doesNotContainKey("uefivm.io/ready");
        assertThat(NodeLabels.own(Map.of("uefivm.io/ready", "true", "kubernetes.io/os", "linux")))
                .containsOnlyKeys("uefivm.io/ready");
    }
}
