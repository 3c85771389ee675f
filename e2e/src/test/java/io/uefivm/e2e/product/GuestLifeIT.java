package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import java.nio.file.Files;
import java.time.Duration;
import java.util.regex.Matcher;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** One guest through everything that can happen to it, in the order in which a life has it: each step needs the last. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GuestLifeIT extends OnSite {
    private static final String NAME = "web";
    private static final String DOMAIN = "default.web";
    /** A store is looked at a second after it was written, five after it said something new; the rest is for a busy machine. */
    private static final Duration WITHIN_SECONDS = Duration.ofSeconds(30);

    private static KvmHost host;
    private static UefiVirtualMachine created;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    @Order(1)
    void bootsUnderEnforcedSecureBootAfterFourStatusWrites() {
        created = createSigned(NAME, "runStrategy: Always\nnvram: {historyLimit: 1}");
        UefiVirtualMachineStatus status = awaitReady(NAME, 1);
        long statusWrites =
                writes.count(toVm(NAME).and(write -> write.subresource().equals("status")));
        Matcher guest = guestUp(host, NAME, 0);
        assertThat(status.phase()).isEqualTo(Phase.Running);
        assertThat(status.nodeName()).isEqualTo("kvm-a");
        assertThat(status.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        assertThat(status.nvram().generation()).isEqualTo(1);
        assertThat(status.nvram().sha256()).matches("[0-9a-f]{64}");
        assertThat(is(status, ConditionType.SecureBootEnforcing, "True")).isTrue();
        assertThat(is(status, ConditionType.NvramReady, "True")).isTrue();
        assertThat(statusWrites).as(() -> writesAndStory(NAME)).isLessThanOrEqualTo(4);

        assertThat(guest.group(1))
                .as("what the guest's kernel says of Secure Boot")
                .isEqualTo("enabled");
        assertThat(guest.group(3)).as("the guest's TPM").isEqualTo("1");
        assertThat(eventReasons(NAME)).contains("Scheduling", "Starting", "Running");
    }

    @Test
    @Order(2)
    void nothingIsWrittenWhileNothingHappens() {
        Duration quiet = Duration.ofSeconds(40);
        writes.reset();
        Awaitility.await().pollDelay(quiet).atMost(quiet.plusSeconds(30)).until(() -> true);
        assertThat(writes.count(toVm(NAME))).as(() -> writesAndStory(NAME)).isZero();

        UefiVirtualMachine now = vm(NAME).get();
        assertThat(now.getSpec()).isEqualTo(created.getSpec());
        assertThat(now.getMetadata().getGeneration())
                .isEqualTo(created.getMetadata().getGeneration());
        assertThat(now.getMetadata().getLabels())
                .isEqualTo(created.getMetadata().getLabels());
        assertThat(now.getMetadata().getAnnotations())
                .isEqualTo(created.getMetadata().getAnnotations());
    }

    @Test
    @Order(3)
    void operatorAgentAndLibvirtdAreKilledAndTheGuestRunsOn() {
        try (GuestConsole console = host.console(vm(NAME).get())) {
            console.run("echo still-the-same > /tmp/mark");
        }
        writes.reset();
        site.operator().kill();
        host.agent().kill();
        host.libvirt().killLibvirtd();
        host.libvirt().startLibvirtd();
        host.startAgent().awaitReady();
        site.startOperator().awaitReady();

        Awaitility.await()
                .pollDelay(Duration.ofSeconds(15))
                .atMost(STEP)
                .untilAsserted(() -> assertThat(domains(host)).containsExactly(DOMAIN));
        assertThat(status(NAME).epoch()).isEqualTo(1);
        assertThat(is(status(NAME), ConditionType.Ready, "True")).isTrue();
        assertThat(writes.count(toVm(NAME))).as(() -> writesAndStory(NAME)).isZero();
        try (GuestConsole console = host.console(vm(NAME).get())) {
            assertThat(console.run("cat /tmp/mark")).isEqualTo("still-the-same");
        }
    }

    @Test
    @Order(4)
    void theAgentThatWasKilledWatchesTheRunningStoreAgain() {
        int before = status(NAME).nvram().variables();
        try (GuestConsole console = host.console(vm(NAME).get())) {
            console.run("efivar-write Watched 5a");
        }
        Awaitility.await("what the guest wrote, in status")
                .atMost(WITHIN_SECONDS)
                .untilAsserted(
                        () -> assertThat(status(NAME).nvram().variables()).isEqualTo(before + 1));
    }

    @Test
    @Order(5)
    void libvirtdAloneIsKilledWhileTheAgentRuns() {
        host.libvirt().killLibvirtd();
        host.libvirt().startLibvirtd();
        Awaitility.await()
                .atMost(STEP)
                .untilAsserted(() -> assertThat(host.agent().logEnd()).contains("connection to libvirt lost"));
        host.agent().awaitReady();
        assertThat(status(NAME).epoch()).isEqualTo(1);
        assertThat(domains(host)).containsExactly(DOMAIN);
    }

    @Test
    @Order(6)
    void aRebootOfTheGuestIsNoNewStart() {
        int from = consoleLength(host, NAME);
        try (GuestConsole console = host.console(vm(NAME).get())) {
            leave(console, "reboot -f");
        }
        guestUp(host, NAME, from);
        assertThat(status(NAME).epoch()).isEqualTo(1);
        assertThat(status(NAME).domain().state()).isEqualTo(DomainState.Running);
    }

    @Test
    @Order(7)
    void theGuestShutsDownAndRunStrategyAlwaysStartsItAgain() {
        try (GuestConsole console = host.console(vm(NAME).get())) {
            leave(console, "poweroff -f");
        }
        UefiVirtualMachineStatus status = awaitReady(NAME, 2);
        assertThat(status.nvram().generation())
                .as("the firmware has written its variables")
                .isGreaterThan(1);
        assertThat(status.nvram().bootOrder()).isNotEmpty();
        assertThat(eventReasons(NAME)).contains("GuestShutdown");
        guestUp(host, NAME, 0);
    }

    @Test
    @Order(8)
    void qemuIsKilledAndRerunOnFailureStartsItAgain() throws Exception {
        patchSpec(NAME, "{\"runStrategy\": \"RerunOnFailure\"}");
        host.libvirt().run("sh", "-c", "kill -9 $(cat /run/libvirt/qemu/" + DOMAIN + ".pid)");
        UefiVirtualMachineStatus status = awaitReady(NAME, 3);
        assertThat(eventReasons(NAME)).contains("Crashed");
        assertThat(status.nvram().bootOrder()).isNotEmpty();
        guestUp(host, NAME, 0);
    }

    @Test
    @Order(9)
    void theGuestShutsDownAndRerunOnFailureLeavesItAlone() {
        try (GuestConsole console = host.console(vm(NAME).get())) {
            leave(console, "poweroff -f");
        }
        UefiVirtualMachineStatus status = await(NAME, "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(status.completed()).isTrue();
        assertThat(status.domain().reason()).isEqualTo(Reason.GuestShutdown);
        assertThat(domains(host)).isEmpty();
    }

    @Test
    @Order(10)
    void haltedAsksTheGuestToShutDownAndTakesThreeWrites() {
        patchSpec(NAME, "{\"runStrategy\": \"Always\"}");
        awaitReady(NAME, 4);
        guestUp(host, NAME, 0);
        long generation = status(NAME).nvram().generation();
        writes.reset();
        patchSpec(NAME, "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus status = await(NAME, "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(status.domain().reason()).isEqualTo(Reason.StopRequested);
        assertThat(status.nvram().generation()).isGreaterThanOrEqualTo(generation);
        assertThat(domains(host)).isEmpty();
        assertThat(writes.count(toVm(NAME))).as(() -> writesAndStory(NAME)).isLessThanOrEqualTo(3);
    }

    @Test
    @Order(11)
    void deletionTakesTheStateWithIt() throws Exception {
        assertThat(Files.readString(host.agent().log()))
                .as("four epochs with a history of one generation")
                .contains("dropped the oldest state beyond spec.nvram.historyLimit uid="
                        + created.getMetadata().getUid());
        String claim = status(NAME).nvram().claimName();
        assertThat(claim).isNotNull();
        vm(NAME).delete();
        Awaitility.await().atMost(STEP).untilAsserted(() -> {
            assertThat(vm(NAME).get()).isNull();
            assertThat(site.client()
                            .persistentVolumeClaims()
                            .inNamespace(NAMESPACE)
                            .withName(claim)
                            .get())
                    .isNull();
        });
    }

    @Test
    @Order(12)
    void onceRunsOneTimeAndRetainKeepsTheState() {
        createSigned("job", "runStrategy: Once\nnvram: {reclaimPolicy: Retain}");
        awaitReady("job", 1);
        guestUp(host, "job", 0);
        try (GuestConsole console = host.console(vm("job").get())) {
            leave(console, "poweroff -f");
        }
        UefiVirtualMachineStatus status = await("job", "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(status.completed()).isTrue();
        String claim = status.nvram().claimName();
        vm("job").delete();
        Awaitility.await()
                .atMost(STEP)
                .untilAsserted(() -> assertThat(vm("job").get()).isNull());
        assertThat(site.client()
                        .persistentVolumeClaims()
                        .inNamespace(NAMESPACE)
                        .withName(claim)
                        .get())
                .isNotNull();
    }
}
