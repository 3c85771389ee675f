package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What no host can do, or not with the state that a VM has: what the status says of it, and that the remedy helps. */
class HostRefusalIT extends OnSite {
    /** Seconds on two busy cores. */
    private static final Duration SOON = Duration.ofSeconds(30);

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
    void hostsWithoutFirmwareOrSmmAreCountedAndTheVmStartsOnceTheFirmwareIsThere() throws IOException {
        try (PaperHost smmless = PaperHost.withoutSmm(site, host.name(), "kvm-without-smm")) {
            firmware.hideAndAwait();
            site.disk(NAMESPACE, "unfit", GuestImage.get().signed());
            Instant asked = Instant.now();
            create("unfit", "{name: root, persistentVolumeClaim: {claimName: unfit}}", "");
            UefiVirtualMachineStatus nowhere = awaitStalled("unfit", Reason.NoSuitableHost);
            assertThat(Duration.between(asked, Instant.now())).isLessThan(SOON);
            assertThat(message(nowhere, ConditionType.Stalled))
                    .contains("1 host: no System Management Mode", "set spec.firmware.secureBoot to Disabled");
            assertThat(is(nowhere, ConditionType.Ready, "False")).isTrue();

            firmware.show("60-edk2-x86_64.json");
            UefiVirtualMachineStatus unfit = await(
                    "unfit",
                    "a word on both hosts",
                    s -> message(s, ConditionType.Stalled).contains("Secure Boot (install"));
            assertThat(message(unfit, ConditionType.Stalled))
                    .contains(
                            "1 host: no System Management Mode",
                            "1 host: no firmware for Secure Boot (install the ovmf package)");

            firmware.restore();
            UefiVirtualMachineStatus runs = awaitReady("unfit", 1);
            assertThat(runs.nodeName()).isEqualTo(host.name()).isNotEqualTo(smmless.name());
            assertThat(runs.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        }
        vm("unfit").delete();
    }

    @Test
    void noFirmwareOnAnyHostIsSaidAndTheVmStartsOnceItIsThere() throws IOException {
        firmware.hideAndAwait();
        createSigned("bare", "");
        UefiVirtualMachineStatus status = awaitStalled("bare", Reason.NoHosts);
        assertThat(message(status, ConditionType.Stalled))
                .contains("1 host: FirmwareAvailable: No UEFI firmware", "install the ovmf package");
        firmware.restore();
        awaitReady("bare", 1);
        vm("bare").delete();
    }

    @Test
    void aVariableStoreOfAnotherSizeIsRefusedWithBothSizesAndTheRemedyHelps() throws IOException {
        firmware.hide();
        firmware.showSmall();
        createSigned("resized", "terminationGracePeriodSeconds: 1");
        awaitReady("resized", 1);
        guestUp(host, "resized", 0);
        patchSpec("resized", "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await("resized", "Stopped", s -> s.phase() == Phase.Stopped);
        String small = stopped.firmware().codeDigest();

        // As after a restore from a backup, which has no status: what the VM booted with is not known any more.
        vm("resized")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"firmware\": null}}");
        firmware.restore();
        patchSpec("resized", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus refused = awaitStalled("resized", Reason.NvramWrongSize);
        assertThat(message(refused, ConditionType.Stalled))
                .contains("131072 bytes", "540672", small, "/etc/qemu/firmware");
        assertThat(has(refused, ConditionType.NvramReady, Reason.NvramWrongSize))
                .isTrue();
        assertThat(domains(host)).doesNotContain("default.resized");

        firmware.hide();
        firmware.showAll();
        firmware.showSmall();
        patchSpec("resized", "{\"terminationGracePeriodSeconds\": 2}");
        UefiVirtualMachineStatus again =
                await("resized", "Ready with the build of before", s -> is(s, ConditionType.Ready, "True"));
        assertThat(again.firmware().codeDigest()).isEqualTo(small);
        assertThat(again.nvram().generation()).isEqualTo(stopped.nvram().generation());
        vm("resized").delete();
    }
}
