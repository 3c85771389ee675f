package io.uefivm.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.firmware.HostFiles;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProbeTest {
    private static final HypervisorFacts FACTS =
            new HypervisorFacts("9.0.0", "7.2.22", List.of("pc-q35-7.2", "pc-q35-7.1"));
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path directory;

    private final List<Accelerator> tried = new ArrayList<>();
    private final Map<Accelerator, String> objections = new EnumMap<>(Accelerator.class);
    private final FakeHypervisor hypervisor = new FakeHypervisor(FACTS, CLOCK);
    private List<Condition> previous = List.of();

    private HostProbe probe(FakeHypervisor hypervisor, Optional<Accelerator> forced) {
        Path other = directory.resolve("state");
        var options = new AgentOptions("n", "ns", "qemu:///system", directory, other, other, other, forced);
        return new HostProbe(hypervisor, options, () -> previous, List::of, CLOCK, (accelerator, machineType) -> {
            hypervisor.facts();
            assertThat(machineType).isEqualTo("pc-q35-7.2");
            tried.add(accelerator);
            return Optional.ofNullable(objections.get(accelerator));
        });
    }

    private HostProbe probe() {
        return probe(hypervisor, Optional.empty());
    }

    private static Condition condition(UefiHostStatus status, ConditionType type) {
        return status.condition(type).orElseThrow();
    }

    private static void assertCondition(UefiHostStatus status, ConditionType type, boolean value, Reason reason) {
        assertThat(condition(status, type).getStatus()).isEqualTo(value ? "True" : "False");
        assertThat(condition(status, type).getReason()).isEqualTo(reason.name());
    }

    @Test
    void kvmIsTakenWhenItExecutesAGuest() throws Exception {
        HostProbe probe = probe();

        assertThat(probe.accelerator()).isEqualTo(Accelerator.KVM);
        assertThat(probe.accelerator()).isEqualTo(Accelerator.KVM);
        assertCondition(probe.status(), ConditionType.Virtualization, true, Reason.Running);
        assertThat(tried).as("tried once").containsExactly(Accelerator.KVM);
    }

    @Test
    void emulationIsTheFallbackAndTheReasonIsSaid() throws Exception {
        objections.put(Accelerator.KVM, "Permission denied");
        HostProbe probe = probe();

        UefiHostStatus status = probe.status();

        assertThat(probe.accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(probe.smm()).isTrue();
        assertThat(status.virtualization().accelerator()).isEqualTo("tcg");
        assertThat(status.virtualization().smm()).isTrue();
        assertThat(status.virtualization().machineTypes()).containsExactly("pc-q35-7.2", "pc-q35-7.1");
        assertCondition(status, ConditionType.Virtualization, true, Reason.Running);
        assertThat(condition(status, ConditionType.Virtualization).getMessage())
                .contains("tcg", "kvm: Permission denied");
    }

    @Test
    void onlyTheForcedOneIsTried() throws Exception {
        HostProbe probe = probe(hypervisor, Optional.of(Accelerator.TCG));

        assertThat(probe.accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(tried).containsExactly(Accelerator.TCG);
    }

    @Test
    void nothingWorksAndThenItDoes() {
        objections.put(Accelerator.KVM, "no");
        objections.put(Accelerator.TCG, "disk full");
        HostProbe probe = probe();

        UefiHostStatus status = probe.status();
        assertCondition(status, ConditionType.Virtualization, false, Reason.ProbeFailed);
        assertThat(condition(status, ConditionType.Virtualization).getMessage()).contains("tcg: disk full");
        assertThat(status.virtualization().accelerator()).isNull();
        assertThatThrownBy(probe::accelerator).isInstanceOf(HypervisorException.class);

        objections.clear();
        assertCondition(probe.status(), ConditionType.Virtualization, true, Reason.Running);
    }

    @Test
    void qemuWithoutQ35IsOfNoUse() {
        UefiHostStatus status = probe(
                        new FakeHypervisor(new HypervisorFacts("9.0.0", "7.2.22", List.of()), CLOCK), Optional.empty())
                .status();

        assertCondition(status, ConditionType.Virtualization, false, Reason.ProbeFailed);
        assertThat(condition(status, ConditionType.Virtualization).getMessage()).contains("Q35", "qemu-system-x86");
        assertThat(tried).isEmpty();
    }

    @Test
    void whileLibvirtIsAwayTheConditionSaysSoAndAfterwardsItIsTriedAgain() {
        HostProbe probe = probe();
        probe.status();

        hypervisor.disconnect();
        UefiHostStatus away = probe.status();
        assertCondition(away, ConditionType.Virtualization, false, Reason.HypervisorUnavailable);
        assertThat(away.virtualization().qemu()).isEqualTo("7.2.22");

        hypervisor.reconnect();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertCondition(probe.status(), ConditionType.Virtualization, true, Reason.Running);
            assertThat(tried).containsExactly(Accelerator.KVM, Accelerator.KVM);
        });
    }

    @Test
    void libvirtThatWasNeverThereIsUnknownInAllElse() {
        hypervisor.disconnect();

        UefiHostStatus status = probe().status();

        assertCondition(status, ConditionType.Virtualization, false, Reason.HypervisorUnavailable);
        assertThat(status.virtualization()).isNull();
    }

    @Test
    void firmwareComesAndGoes() {
        HostProbe probe = probe();
        UefiHostStatus none = probe.status();
        assertCondition(none, ConditionType.FirmwareAvailable, false, Reason.FirmwareNotFound);
        assertThat(condition(none, ConditionType.FirmwareAvailable).getMessage())
                .contains("install the ovmf package");

        new HostFiles(directory).debian();

        UefiHostStatus debian = probe.status();
        assertCondition(debian, ConditionType.FirmwareAvailable, true, Reason.FirmwareFound);
        assertThat(debian.firmware()).hasSize(3);
        assertThat(probe.firmware()).hasSize(3);
    }

    @Test
    void sameHostSaysTheSameAgain() {
        HostProbe probe = probe();
        UefiHostStatus first = probe.status();
        previous = first.conditions();

        assertThat(probe.status()).isEqualTo(first);
    }

    @Test
    void firmwareThatComesOrGoesIsNewsOnceItHasComeToRest() {
        HostFiles host = new HostFiles(directory).debian();
        HostProbe probe = probe();
        assertThat(probe.changed()).as("before the first report").isFalse();
        assertThat(probe.changed()).isFalse();
        assertThat(probe.status().firmware()).hasSize(3);
        assertThat(probe.changed()).isFalse();

        host.delete("/usr/share/qemu/firmware/40-edk2-x86_64-secure-enrolled.json");
        assertThat(probe.changed()).as("seen once").isFalse();
        assertThat(probe.changed()).as("still so").isTrue();
        assertThat(probe.status().firmware()).hasSize(2);
        assertThat(probe.changed()).isFalse();
        assertThat(probe.changed()).isFalse();

        host.zeros("/usr/share/OVMF/OVMF_CODE_4M.fd", 3_653_632, 9);
        assertThat(probe.changed()).isFalse();
        assertThat(probe.changed()).as("another image of the same name").isTrue();
    }
}
