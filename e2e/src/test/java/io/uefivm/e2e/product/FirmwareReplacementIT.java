package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.GenerationStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The firmware of a host is replaced by another real build, under VMs that run and under variables that were written. */
class FirmwareReplacementIT extends OnSite {
    private static final String VERSION = "cat /sys/class/dmi/id/bios_version";

    /** Debian 12 builds OVMF without a version of its own. */
    private static final String DEBIAN_13 = "2025.";

    private static KvmHost host;
    private static HostFirmware firmware;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
        firmware = new HostFirmware(site.client(), host);
    }

    @AfterEach
    void bringBackTheFirmware() throws IOException {
        firmware.restore();
    }

    @Test
    void anUpgradeReachesAVmAtItsNextColdStartWithItsVariablesAndAPinHoldsOneBack() throws IOException {
        createSigned("upgraded", "terminationGracePeriodSeconds: 1");
        String before = awaitReady("upgraded", 1).firmware().codeDigest();
        assertThat(offered()).contains(before);
        guestUp(host, "upgraded", 0);
        try (GuestConsole console = host.console(vm("upgraded").get())) {
            assertThat(console.run(VERSION)).isNotEmpty().doesNotStartWith(DEBIAN_13);
            console.run("efivar-write UefivmTest 5a");

            firmware.upgrade();
            Awaitility.await("the host's report")
                    .atMost(STEP)
                    .until(() -> !offered().contains(before));
            assertThat(console.run(VERSION)).as("what runs is left alone").doesNotStartWith(DEBIAN_13);
        }
        UefiVirtualMachineStatus runs = status("upgraded");
        assertThat(runs.epoch()).isEqualTo(1);
        assertThat(is(runs, ConditionType.Ready, "True")).isTrue();
        assertThat(runs.firmware().codeDigest()).as("what it runs with").isEqualTo(before);

        patchSpec("upgraded", "{\"runStrategy\": \"Halted\"}");
        await("upgraded", "Stopped", s -> s.phase() == Phase.Stopped);
        patchSpec("upgraded", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus after = awaitReady("upgraded", 2);
        assertThat(after.firmware().codeDigest()).isNotEqualTo(before).isIn(offered());
        assertThat(after.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        assertThat(after.nvram().history())
                .as("what the build of before left")
                .extracting(GenerationStatus::firmwareDigest)
                .contains(before);
        guestUp(host, "upgraded", 0);
        try (GuestConsole console = host.console(vm("upgraded").get())) {
            assertThat(console.run(VERSION)).startsWith(DEBIAN_13);
            assertThat(console.run("efivar-read UefivmTest")).isEqualTo("5a");
        }
        vm("upgraded").delete();

        create("pinned", GuestImage.get().signed(), """
                terminationGracePeriodSeconds: 1
                firmware: {image: {codeDigest: "%s"}}
                """.formatted(before));
        UefiVirtualMachineStatus waits = awaitStalled("pinned", Reason.NoSuitableHost);
        assertThat(message(waits, ConditionType.Stalled))
                .contains("1 host: not the firmware build that spec.firmware.image pins (" + before);
        firmware.offerEarlierToo();
        UefiVirtualMachineStatus pinned = awaitReady("pinned", 1);
        assertThat(pinned.firmware().codeDigest()).isEqualTo(before);
        aPolicyHoldsTheSameVmAndThenSendsItAhead("pinned", before);
        vm("pinned").delete();
    }

    /** Without its pin; the host has the build that it ran with behind the new one. */
    private static void aPolicyHoldsTheSameVmAndThenSendsItAhead(String name, String before) throws IOException {
        patchSpec(name, "{\"runStrategy\": \"Halted\", \"firmware\": {\"image\": null}}");
        await(name, "Stopped", s -> s.phase() == Phase.Stopped);
        startOperatorAgain("--firmware-rollout-percentage=0", "--firmware-rollout-label=ring=canary");
        firmware.withdrawEarlier();
        patchSpec(name, "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus waits = awaitStalled(name, Reason.NoSuitableHost);
        assertThat(message(waits, ConditionType.Stalled))
                .contains("1 host: not the firmware build that this VM ran with last (" + before, "firmwareRollout");
        firmware.offerEarlierToo();
        assertThat(awaitReady(name, 2).firmware().codeDigest()).isEqualTo(before);

        patchSpec(name, "{\"runStrategy\": \"Halted\"}");
        await(name, "Stopped", s -> s.phase() == Phase.Stopped);
        startOperatorAgain("--firmware-rollout-percentage=100");
        patchSpec(name, "{\"runStrategy\": \"Always\"}");
        assertThat(awaitReady(name, 3).firmware().codeDigest())
                .as("the first of the host's list, although the one of before is there")
                .isNotEqualTo(before)
                .isIn(offered());
        startOperatorAgain();
    }

    private static void startOperatorAgain(String... options) {
        site.operator().close();
        site.startOperator(options).awaitReady();
    }

    @Test
    void variablesOfASmallStoreAreConvertedWhenAsked() throws IOException {
        firmware.onlySmall();
        createSigned("grown", "terminationGracePeriodSeconds: 1");
        UefiVirtualMachineStatus small = awaitReady("grown", 1);
        assertThat(small.firmware().varsSize()).isEqualTo(131_072);
        guestUp(host, "grown", 0);
        try (GuestConsole console = host.console(vm("grown").get())) {
            console.run("efivar-write UefivmTest a5");
        }
        patchSpec("grown", "{\"runStrategy\": \"Halted\"}");
        await("grown", "Stopped", s -> s.phase() == Phase.Stopped);
        firmware.restoreAndAwait();
        patchSpec("grown", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus refused = awaitStalled("grown", Reason.NoSuitableHost);
        assertThat(message(refused, ConditionType.Stalled))
                .contains("1 host: no firmware for a variable store of 131072 bytes", "action Convert");
        assertThat(domains(host)).doesNotContain("default.grown");

        patchSpec("grown", "{\"nvram\": {\"request\": {\"token\": \"grow\", \"action\": \"Convert\"}}}");
        UefiVirtualMachineStatus grown = await("grown", "Ready", s -> is(s, ConditionType.Ready, "True"));
        assertThat(grown.nvram().lastRequest().outcome()).isEqualTo(RequestOutcome.Done);
        assertThat(grown.firmware().varsSize()).isEqualTo(540_672);
        assertThat(grown.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        assertThat(grown.nvram().history())
                .as("the store of before the conversion")
                .extracting(GenerationStatus::firmwareDigest)
                .contains(small.firmware().codeDigest());
        guestUp(host, "grown", 0);
        try (GuestConsole console = host.console(vm("grown").get())) {
            assertThat(console.run("efivar-read UefivmTest")).isEqualTo("a5");
        }
        vm("grown").delete();
    }

    /** Digests of the code that the host reports. */
    private static List<String> offered() {
        return site.client().resources(UefiHost.class).withName(host.name()).get().getStatus().firmware().stream()
                .map(FirmwareBuild::codeDigest)
                .toList();
    }
}
