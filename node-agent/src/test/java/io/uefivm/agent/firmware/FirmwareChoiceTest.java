package io.uefivm.agent.firmware;

import static io.uefivm.api.v1alpha1.FirmwareKind.PLAIN;
import static io.uefivm.api.v1alpha1.FirmwareKind.SECURE_BOOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.firmware.FirmwareChoice.Chosen;
import io.uefivm.agent.firmware.FirmwareChoice.Need;
import io.uefivm.agent.firmware.FirmwareChoice.NotFound;
import io.uefivm.agent.firmware.FirmwareChoice.Ran;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import io.uefivm.api.v1alpha1.RolloutPart;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirmwareChoiceTest {
    private static final String SECBOOT = "sha256:" + "a".repeat(64);
    private static final String OTHER = "sha256:" + "b".repeat(64);
    private static final String Q35 = "pc-q35-7.2";

    private static final FirmwareImage ENROLLED = image("40", SECBOOT, true, true, true, "pc-q35-*");
    private static final FirmwareImage EMPTY = image("50", SECBOOT, true, false, true, "pc-q35-*");
    private static final FirmwareImage NO_SMM = image("60", OTHER, false, false, false, "pc-i440fx-*", "pc-q35-*");
    private static final List<FirmwareImage> DEBIAN = List.of(ENROLLED, EMPTY, NO_SMM);

    private static FirmwareImage image(
            String name, String digest, boolean secureBoot, boolean enrolled, boolean smm, String... machines) {
        var build = new FirmwareBuild(
                name + ".json",
                null,
                digest,
                3_653_632L,
                "sha256:" + "c".repeat(64),
                540_672L,
                secureBoot,
                enrolled,
                smm,
                List.of(machines));
        return new FirmwareImage("/code-" + name, "/vars-" + name, build);
    }

    private static FirmwareImage chosen(List<FirmwareImage> images, Need need) {
        FirmwareChoice choice = FirmwareChoice.choose(images, need);
        assertThat(choice).isInstanceOf(Chosen.class);
        return ((Chosen) choice).image();
    }

    private static String notFound(List<FirmwareImage> images, Need need) {
        FirmwareChoice choice = FirmwareChoice.choose(images, need);
        assertThat(choice).isInstanceOf(NotFound.class);
        return ((NotFound) choice).message();
    }

    @Test
    void firstOfItsKind() {
        assertThat(chosen(DEBIAN, new Need(SECURE_BOOT, false, Q35, null, null, null)))
                .isEqualTo(ENROLLED);
        assertThat(chosen(List.of(NO_SMM, EMPTY, ENROLLED), new Need(SECURE_BOOT, false, Q35, null, null, null)))
                .isEqualTo(EMPTY);
        assertThat(chosen(DEBIAN, new Need(PLAIN, false, Q35, null, null, null)))
                .isEqualTo(NO_SMM);
    }

    @Test
    void keysOfTheHostNeedATemplateThatHasSome() {
        assertThat(chosen(List.of(EMPTY, ENROLLED), new Need(SECURE_BOOT, true, Q35, null, null, null)))
                .isEqualTo(ENROLLED);
        assertThat(notFound(List.of(EMPTY, NO_SMM), new Need(SECURE_BOOT, true, Q35, null, null, null)))
                .contains("with keys in its variable template", "50.json (no keys in its template)");
    }

    @Test
    void secureBootWithoutSmmIsNoSecureBoot() {
        FirmwareImage undermined = image("10", OTHER, true, true, false, "pc-q35-*");

        assertThat(chosen(List.of(undermined, ENROLLED), new Need(SECURE_BOOT, false, Q35, null, null, null)))
                .isEqualTo(ENROLLED);
        assertThat(notFound(List.of(undermined), new Need(SECURE_BOOT, false, Q35, null, null, null)))
                .contains("10.json (no Secure Boot with SMM)");
    }

    @Test
    void aVmThatARollOutHoldsKeepsItsBuildAndOneThatTakesPartGetsTheFirst() {
        FirmwareImage newer = image("30", OTHER, true, true, true, "pc-q35-*");
        Ran ran = new Ran(SECBOOT, 540_672L);

        assertThat(chosen(List.of(newer, EMPTY), new Need(SECURE_BOOT, false, Q35, null, ran, RolloutPart.Held)))
                .isEqualTo(EMPTY);
        assertThat(notFound(List.of(newer), new Need(SECURE_BOOT, false, Q35, null, ran, RolloutPart.Held)))
                .contains("ran with last, " + SECBOOT, "firmwareRollout", "30.json (is " + OTHER + ")");
        assertThat(chosen(List.of(newer, EMPTY), new Need(SECURE_BOOT, false, Q35, null, ran, RolloutPart.Taking)))
                .isEqualTo(newer);
        assertThat(chosen(List.of(newer, EMPTY), new Need(SECURE_BOOT, false, Q35, OTHER, ran, RolloutPart.Held)))
                .as("a pin counts more")
                .isEqualTo(newer);
        assertThat(chosen(List.of(newer), new Need(SECURE_BOOT, false, Q35, null, null, RolloutPart.Held)))
                .as("a VM that never ran")
                .isEqualTo(newer);
    }

    @Test
    void pinnedBuildAndNoOther() {
        FirmwareImage newer = image("30", OTHER, true, true, true, "pc-q35-*");

        assertThat(chosen(List.of(newer, EMPTY), new Need(SECURE_BOOT, false, Q35, SECBOOT, null, null)))
                .isEqualTo(EMPTY);
        assertThat(chosen(
                        List.of(newer, EMPTY),
                        new Need(SECURE_BOOT, false, Q35, OTHER, new Ran(SECBOOT, 540_672L), null)))
                .as("a pin moves a VM from what it ran with")
                .isEqualTo(newer);
        assertThat(notFound(List.of(newer), new Need(SECURE_BOOT, false, Q35, SECBOOT, null, null)))
                .contains("spec.firmware.image", SECBOOT, "30.json (is " + OTHER + ")", "Install that build");
        assertThat(notFound(DEBIAN, new Need(SECURE_BOOT, false, Q35, OTHER, null, null)))
                .as("a build that cannot do what the VM asks for")
                .contains("60.json (no Secure Boot with SMM)");
    }

    @Test
    void theBuildThatTheVmRanWithElseOneOfItsSizeElseAny() {
        FirmwareImage small = sized(image("10", "sha256:" + "d".repeat(64), true, true, true, "pc-q35-*"), 131_072L);
        FirmwareImage newer = image("30", OTHER, true, true, true, "pc-q35-*");
        Ran ran = new Ran(SECBOOT, 540_672L);

        assertThat(chosen(List.of(small, newer, EMPTY), new Need(SECURE_BOOT, false, Q35, null, ran, null)))
                .isEqualTo(EMPTY);
        assertThat(chosen(List.of(small, newer), new Need(SECURE_BOOT, false, Q35, null, ran, null)))
                .as("after an upgrade of the package")
                .isEqualTo(newer);
        assertThat(chosen(List.of(small), new Need(SECURE_BOOT, false, Q35, null, ran, null)))
                .as("the store decides whether that will do")
                .isEqualTo(small);
        assertThat(chosen(List.of(small, newer), new Need(SECURE_BOOT, false, Q35, null, new Ran(SECBOOT, null), null)))
                .isEqualTo(small);
    }

    private static FirmwareImage sized(FirmwareImage image, long varsSize) {
        FirmwareBuild build = image.build();
        return new FirmwareImage(
                image.codePath(),
                image.varsTemplatePath(),
                new FirmwareBuild(
                        build.descriptor(),
                        null,
                        build.codeDigest(),
                        1_966_080L,
                        build.varsTemplateDigest(),
                        varsSize,
                        build.secureBoot(),
                        build.enrolledKeys(),
                        build.requiresSmm(),
                        build.machines()));
    }

    @ParameterizedTest
    @CsvSource({
        "pc-q35-*,pc-q35-7.2,true",
        "pc-q35-*,pc-i440fx-7.2,false",
        "pc-q35-?.?,pc-q35-7.2,true",
        "pc-q35-?.?,pc-q35-10.0,false",
        "pc-q35-7.2,pc-q35-7.2,true",
        "pc-q35-7.2,pc-q35-712,false",
        "*,pc-q35-7.2,true"
    })
    void machinesAreGlobs(String glob, String machine, boolean fits) {
        FirmwareChoice choice = FirmwareChoice.choose(
                List.of(image("1", OTHER, false, false, false, glob)),
                new Need(PLAIN, false, machine, null, null, null));

        assertThat(choice instanceof Chosen).isEqualTo(fits);
    }

    @Test
    void hostWithoutFirmwareIsToldWhatToInstall() {
        for (FirmwareKind kind : FirmwareKind.values()) {
            assertThat(notFound(List.of(), new Need(kind, false, Q35, null, null, null)))
                    .contains(Q35, "install the ovmf package");
        }
    }
}
