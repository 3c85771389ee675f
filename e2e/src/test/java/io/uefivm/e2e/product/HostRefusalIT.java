package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What no host can do, or not with the state that a VM has: what the status says of it, and that the remedy helps. */
class HostRefusalIT extends OnSite {
    private static final String DESCRIPTORS = "/usr/share/qemu/firmware";
    private static final String WITHOUT_SECURE_BOOT = "60-edk2-x86_64.json";
    /** Seconds on two busy cores. */
    private static final Duration SOON = Duration.ofSeconds(30);

    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @AfterEach
    void bringBackTheFirmware() throws IOException {
        host.libvirt().run("sh", "-c", "! mountpoint -q " + DESCRIPTORS + " || umount " + DESCRIPTORS);
    }

    @Test
    void hostsWithoutFirmwareOrSmmAreCountedAndTheVmStartsOnceTheFirmwareIsThere() throws IOException {
        try (PaperHost smmless = PaperHost.withoutSmm(site, host.name(), "kvm-without-smm")) {
            hideFirmware();
            awaitNoFirmware();
            site.disk(NAMESPACE, "unfit", GuestImage.get().signed());
            Instant asked = Instant.now();
            create("unfit", "{name: root, persistentVolumeClaim: {claimName: unfit}}", "");
            UefiVirtualMachineStatus nowhere = awaitStalled("unfit", Reason.NoSuitableHost);
            assertThat(Duration.between(asked, Instant.now())).isLessThan(SOON);
            assertThat(message(nowhere, ConditionType.Stalled))
                    .contains("1 host: no System Management Mode", "set spec.firmware.secureBoot to Disabled");
            assertThat(is(nowhere, ConditionType.Ready, "False")).isTrue();

            showFirmware(WITHOUT_SECURE_BOOT, Files.readString(Path.of(DESCRIPTORS, WITHOUT_SECURE_BOOT)));
            UefiVirtualMachineStatus unfit = await(
                    "unfit",
                    "a word on both hosts",
                    s -> message(s, ConditionType.Stalled).contains("Secure Boot (install"));
            assertThat(message(unfit, ConditionType.Stalled))
                    .contains(
                            "1 host: no System Management Mode",
                            "1 host: no firmware for Secure Boot (install the ovmf package)");

            bringBackTheFirmware();
            UefiVirtualMachineStatus runs = awaitReady("unfit", 1);
            assertThat(runs.nodeName()).isEqualTo(host.name()).isNotEqualTo(smmless.name());
            assertThat(runs.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        }
        vm("unfit").delete();
    }

    @Test
    void noFirmwareOnAnyHostIsSaidAndTheVmStartsOnceItIsThere() throws IOException {
        hideFirmware();
        awaitNoFirmware();
        createSigned("bare", "");
        UefiVirtualMachineStatus status = awaitStalled("bare", Reason.NoHosts);
        assertThat(message(status, ConditionType.Stalled))
                .contains("1 host: FirmwareAvailable: No UEFI firmware", "install the ovmf package");
        bringBackTheFirmware();
        awaitReady("bare", 1);
        vm("bare").delete();
    }

    @Test
    void aVariableStoreOfAnotherSizeIsRefusedWithBothSizesAndTheRemedyHelps() throws IOException {
        hideFirmware();
        showFirmware("30-small.json", smallFirmware());
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
        bringBackTheFirmware();
        patchSpec("resized", "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus refused = awaitStalled("resized", Reason.NvramWrongSize);
        assertThat(message(refused, ConditionType.Stalled))
                .contains("131072 bytes", "540672", small, "/etc/qemu/firmware");
        assertThat(has(refused, ConditionType.NvramReady, Reason.NvramWrongSize))
                .isTrue();
        assertThat(domains(host)).doesNotContain("default.resized");

        hideFirmware();
        for (Path descriptor : listed(Path.of(DESCRIPTORS))) {
            showFirmware(descriptor.getFileName().toString(), Files.readString(descriptor));
        }
        showFirmware("30-small.json", smallFirmware());
        patchSpec("resized", "{\"terminationGracePeriodSeconds\": 2}");
        UefiVirtualMachineStatus again =
                await("resized", "Ready with the build of before", s -> is(s, ConditionType.Ready, "True"));
        assertThat(again.firmware().codeDigest()).isEqualTo(small);
        assertThat(again.nvram().generation()).isEqualTo(stopped.nvram().generation());
        vm("resized").delete();
    }

    /** Debian's build with a variable store of 128 KiB, which it ships without a descriptor. */
    private static String smallFirmware() throws IOException {
        return Files.readString(Path.of(DESCRIPTORS, "40-edk2-x86_64-secure-enrolled.json"))
                .replace("_4M.ms.fd", ".ms.fd");
    }

    private static Iterable<Path> listed(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    /** Nothing of this machine changes: the host has mounts of its own. */
    private static void hideFirmware() throws IOException {
        host.libvirt().run("mount", "-t", "tmpfs", "firmware", DESCRIPTORS);
    }

    private static void showFirmware(String name, String descriptor) throws IOException {
        Files.writeString(host.libvirt().outside(DESCRIPTORS + "/" + name), descriptor);
    }

    /** The agent looks every few seconds; a VM that is created before would be placed by what was there. */
    private static void awaitNoFirmware() {
        Awaitility.await("a word that the firmware is gone")
                .atMost(SOON)
                .until(() -> site.client()
                        .resources(UefiHost.class)
                        .withName(host.name())
                        .get()
                        .getStatus()
                        .firmware()
                        .isEmpty());
    }
}
