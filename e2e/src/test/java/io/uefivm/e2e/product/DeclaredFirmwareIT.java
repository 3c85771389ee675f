package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.uefivm.api.v1alpha1.Certificate;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.GenerationStatus;
import io.uefivm.api.v1alpha1.NvramRequestStatus;
import io.uefivm.api.v1alpha1.Phase;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RequestOutcome;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What a spec declares of the firmware, as real OVMF and a real guest find it; each step needs the last. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeclaredFirmwareIT extends OnSite {
    private static final String NAME = "declared";
    private static final String GUID = "6a1f9f0e-6a6e-4b0e-9c1e-1d8a2f3b4c5d";
    private static final String SITE = "Site-" + GUID;
    private static final String TOKEN = "Token-" + GUID;

    @TempDir
    private static Path keys;

    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @Order(1)
    void aLoaderThatItsOwnersKeySignedBootsAndTheGuestFindsTheVariables() {
        OwnLoader own = OwnLoader.in(keys);
        site.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("own")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withData(Map.of("db.pem", base64(own.certificate()), "token", base64("s3cret")))
                        .build())
                .create();
        site.disk(NAMESPACE, NAME, own.image());
        site.disk(NAMESPACE, "other", own.image());
        create(
                NAME,
                "{name: root, persistentVolumeClaim: {claimName: declared}},"
                        + " {name: other, persistentVolumeClaim: {claimName: other}}",
                """
                runStrategy: Always
                terminationGracePeriodSeconds: 1
                firmware:
                  keys:
                    profile: Custom
                    db: {sources: [{secretKeyRef: {name: own, key: db.pem}}]}
                  variables:
                  - {name: Site, guid: %s, text: rack 7}
                  - {name: Token, guid: %s, secretKeyRef: {name: own, key: token}}
                """.formatted(GUID, GUID));
        UefiVirtualMachineStatus status = awaitReady(NAME, 1);
        assertThat(guestUp(host, NAME, 0).group(1))
                .as("what the guest's kernel says of Secure Boot")
                .isEqualTo("enabled");

        assertThat(status.firmware().certificates())
                .extracting(Certificate::subject)
                .contains("CN=Own-db")
                .anyMatch(subject -> subject.contains("Windows UEFI CA 2023"));
        assertThat(has(status, ConditionType.FirmwareAsDeclared, Reason.AsDeclared))
                .as(message(status, ConditionType.FirmwareAsDeclared))
                .isTrue();
        try (GuestConsole console = host.console(vm(NAME).get())) {
            assertThat(console.run("efivar-read " + SITE)).isEqualTo(hex("rack 7"));
            assertThat(console.run("efivar-read " + TOKEN)).isEqualTo(hex("s3cret"));
        }
        assertThat(story.of(NAME) + host.agent().logEnd()).doesNotContain("s3cret", hex("s3cret"));
    }

    @Test
    @Order(2)
    void aColdStartRepairsAVariableAndBootsAnotherDiskOnce() {
        patchSpec(NAME, "{\"firmware\": {\"bootNext\": \"other\"}}");
        try (GuestConsole console = host.console(vm(NAME).get())) {
            console.run("efivar-write " + SITE + " 00");
            leave(console, "poweroff -f");
        }
        UefiVirtualMachineStatus status = awaitReady(NAME, 2);
        guestUp(host, NAME, 0);

        assertThat(status.firmware().bootNext()).isEqualTo("other");
        // Second place of the spec's devices: the tenth root port, slot 3, function 1.
        assertThat(GuestConsole.read(host.consoleLog(vm(NAME).get())))
                .containsPattern("starting Boot[0-9A-F]{4} .* from PciRoot\\(0x0\\)/Pci\\(0x3,0x1\\)/Pci\\(0x0,0x0\\)");
        try (GuestConsole console = host.console(vm(NAME).get())) {
            assertThat(console.run("efivar-read " + SITE)).isEqualTo(hex("rack 7"));
        }
        assertThat(eventReasons(NAME)).contains("AsDeclared");
        assertThat(is(status, ConditionType.FirmwareAsDeclared, "True")).isTrue();
    }

    /** The restart for the menu is also the first one after a change of the declared keys. */
    @Test
    @Order(3)
    void theSetupMenuIsShownOnceAndKeysThatAreDeclaredLaterStayOut() {
        patchSpec(
                NAME,
                "{\"firmware\": {\"bootNext\": \"Setup\", \"keys\": {\"kek\":"
                        + " {\"sources\": [{\"secretKeyRef\": {\"name\": \"own\", \"key\": \"db.pem\"}}]}}}}");
        try (GuestConsole console = host.console(vm(NAME).get())) {
            leave(console, "poweroff -f");
        }
        UefiVirtualMachineStatus status = awaitReady(NAME, 3);
        assertThat(status.firmware().bootNext()).isEqualTo("Setup");
        GuestConsole.await(
                host.consoleLog(vm(NAME).get()), Pattern.compile("starting Boot[0-9A-F]{4} \"UiApp\""), 0, BOOT);

        assertThat(certificatesOfKek(status)).as("a restart alone").doesNotContain("CN=Own-db");
        assertThat(has(status, ConditionType.FirmwareAsDeclared, Reason.KeysDrifted))
                .isTrue();
        assertThat(message(status, ConditionType.FirmwareAsDeclared)).contains("KEK", "EnrollKeys");
    }

    @Test
    @Order(4)
    void keysChangeAtTheNextColdStartWhenThatIsAskedForInSoManyWords() {
        patchSpec(NAME, "{\"nvram\": {\"request\": {\"token\": \"keys-1\", \"action\": \"EnrollKeys\"}}}");
        UefiVirtualMachineStatus waits =
                await(NAME, "RestartRequired", s -> has(s, ConditionType.RestartRequired, Reason.RequestPending));
        assertThat(message(waits, ConditionType.RestartRequired)).contains("keys-1 (EnrollKeys) waits");
        assertThat(certificatesOfKek(waits)).as("not before the restart").doesNotContain("CN=Own-db");
        Awaitility.await().atMost(STEP).until(() -> eventReasons(NAME).contains("RequestPending"));

        patchSpec(NAME, "{\"runStrategy\": \"Halted\"}");
        long before =
                await(NAME, "Stopped", s -> s.phase() == Phase.Stopped).nvram().generation();
        patchSpec(NAME, "{\"runStrategy\": \"Always\"}");
        UefiVirtualMachineStatus status = awaitReady(NAME, 4);

        NvramRequestStatus answer = status.nvram().lastRequest();
        assertThat(answer.token()).isEqualTo("keys-1");
        assertThat(answer.outcome()).isEqualTo(RequestOutcome.Done);
        assertThat(certificatesOfKek(status)).contains("CN=Own-db");
        assertThat(status.condition(ConditionType.RestartRequired)).isEmpty();
        assertThat(has(status, ConditionType.FirmwareAsDeclared, Reason.AsDeclared))
                .as(message(status, ConditionType.FirmwareAsDeclared))
                .isTrue();
        assertThat(status.nvram().history())
                .as("the generation with the keys of before is kept")
                .extracting(GenerationStatus::generation)
                .startsWith(answer.generation(), before);
        assertThat(status.nvram().history().get(0).basis()).isEqualTo("Requested");
        assertThat(events(NAME))
                .anySatisfy(event -> assertThat(event.getReason() + " " + event.getNote())
                        .startsWith("RequestDone")
                        .contains("EnrollKeys", "keys-1", "PCR 7"));
    }

    private static List<String> certificatesOfKek(UefiVirtualMachineStatus status) {
        return status.firmware().certificates().stream()
                .filter(certificate -> certificate.variable().equals("KEK"))
                .map(Certificate::subject)
                .toList();
    }

    @Test
    @Order(5)
    void aMissingEntryIsNamed() {
        create(
                "keyless",
                GuestImage.get().signed(),
                "firmware: {keys: {profile: Custom, db: {sources: [{secretKeyRef: {name: own, key: gone}}]}}}");
        UefiVirtualMachineStatus status =
                await("keyless", "KeyMaterialMissing", s -> has(s, ConditionType.Stalled, Reason.KeyMaterialMissing));
        assertThat(message(status, ConditionType.Stalled))
                .contains("spec.firmware.keys.db.sources[0]", "Secret own", "gone");
        vm("keyless").delete();
    }
}
