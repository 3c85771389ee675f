package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.SecureBootState;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real guests on the layouts besides Split, and what becomes of the variables that they write. */
class FirmwareLayoutIT extends OnSite {
    private static final String PLAIN_STATELESS = """
            terminationGracePeriodSeconds: 1
            firmware: {layout: Stateless, secureBoot: Disabled}
            tpm: {enabled: false}
            """;
    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    void combinedIsOneImageWhoseVariablesOutliveTheGuestAndWhoseCodeDoesNot() throws IOException {
        createSigned("combined", "terminationGracePeriodSeconds: 1\nfirmware: {layout: Combined}");
        UefiVirtualMachineStatus runs = awaitReady("combined", 1);
        assertThat(runs.firmware().secureBoot()).isEqualTo(SecureBootState.Enforcing);
        assertThat(guestUp(host, "combined", 0).group(1)).as("Secure Boot").isEqualTo("enabled");
        assertThat(state("combined", "epochs/1/vars.fd")).hasSize(4 << 20);
        try (GuestConsole console = host.console(vm("combined").get())) {
            console.run("efivar-write UefivmTest 5a");
        }
        UefiVirtualMachineStatus observed = await(
                "combined",
                "boot entries, read while it runs",
                s -> !s.nvram().bootOrder().isEmpty());
        assertThat(observed.nvram().generation()).isEqualTo(1);

        patchSpec("combined", "{\"runStrategy\": \"Halted\"}");
        UefiVirtualMachineStatus stopped = await("combined", "Stopped", s -> s.phase() == Phase.Stopped);
        assertThat(stopped.nvram().history().get(0).bytes())
                .as("without the code")
                .isLessThan(16 << 10);
        assertThat(files("combined")).noneMatch(file -> file.endsWith("vars.fd"));

        patchSpec("combined", "{\"runStrategy\": \"Always\"}");
        awaitReady("combined", 2);
        guestUp(host, "combined", 0);
        try (GuestConsole console = host.console(vm("combined").get())) {
            assertThat(console.run("efivar-read UefivmTest")).isEqualTo("5a");
        }
        vm("combined").delete();
    }

    @Test
    void statelessRunsWithoutAClaimAndForgets() {
        create("stateless", GuestImage.get().signed(), PLAIN_STATELESS);
        UefiVirtualMachineStatus runs = awaitReady("stateless", 1);
        assertThat(runs.nvram()).isNull();
        assertThat(runs.firmware().codeDigest()).startsWith("sha256:");
        assertThat(has(runs, ConditionType.NvramReady, Reason.NvramPrepared)).isTrue();
        assertThat(message(runs, ConditionType.NvramReady)).contains("Stateless");
        assertThat(site.client()
                        .persistentVolumeClaims()
                        .inNamespace(NAMESPACE)
                        .list()
                        .getItems())
                .extracting(claim -> claim.getMetadata().getName())
                .contains("stateless")
                .doesNotContain(
                        "uefivm-nvram-" + vm("stateless").get().getMetadata().getUid());
        assertThat(guestUp(host, "stateless", 0).group(1)).as("Secure Boot").isEqualTo("disabled");
        try (GuestConsole console = host.console(vm("stateless").get())) {
            console.run("efivar-write UefivmTest 5a");
            assertThat(console.run("efivar-read UefivmTest")).isEqualTo("5a");
        }
        patchSpec("stateless", "{\"runStrategy\": \"Halted\"}");
        await("stateless", "Stopped", s -> s.phase() == Phase.Stopped);
        patchSpec("stateless", "{\"runStrategy\": \"Always\"}");
        awaitReady("stateless", 2);
        guestUp(host, "stateless", 0);
        try (GuestConsole console = host.console(vm("stateless").get())) {
            assertThat(console.run("efivar-list")).doesNotContain("UefivmTest");
        }
        vm("stateless").delete();
    }

    private static Path directory(String name) {
        return site.directory(site.claim(NAMESPACE, status(name).nvram().claimName()))
                .resolve("uefivm")
                .resolve(vm(name).get().getMetadata().getUid());
    }

    private static byte[] state(String name, String file) throws IOException {
        return Files.readAllBytes(directory(name).resolve(file));
    }

    private static List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.walk(directory(name))) {
            return files.toList();
        }
    }
}
