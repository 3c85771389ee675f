package io.uefivm.agent.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirmwareReaderTest {
    @TempDir
    private Path directory;

    private HostFiles host;

    @BeforeEach
    void debian() {
        host = new HostFiles(directory).debian();
    }

    private FirmwareCatalog read() {
        return FirmwareCatalog.read(host.root());
    }

    private static List<String> descriptors(FirmwareCatalog catalog) {
        return catalog.images().stream()
                .map(image -> image.build().descriptor())
                .toList();
    }

    @Test
    void debiansBuildsInTheirOrder() {
        FirmwareCatalog catalog = read();

        assertThat(catalog.problems()).isEmpty();
        assertThat(descriptors(catalog))
                .containsExactly(
                        "40-edk2-x86_64-secure-enrolled.json", "50-edk2-x86_64-secure.json", "60-edk2-x86_64.json");
        FirmwareImage enrolled = catalog.images().get(0);
        assertThat(enrolled.codePath()).isEqualTo("/usr/share/OVMF/OVMF_CODE_4M.ms.fd");
        assertThat(enrolled.varsTemplatePath()).isEqualTo("/usr/share/OVMF/OVMF_VARS_4M.ms.fd");
        FirmwareBuild build = enrolled.build();
        assertThat(build.secureBoot()).isTrue();
        assertThat(build.enrolledKeys()).isTrue();
        assertThat(build.requiresSmm()).isTrue();
        assertThat(build.machines()).containsExactly("pc-q35-*");
        assertThat(build.codeSize()).isEqualTo(HostFiles.CODE_4M);
        assertThat(build.varsSize()).isEqualTo(HostFiles.VARS_4M);
        assertThat(build.codeDigest()).matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void oneCodeUnderTwoNamesHasOneDigest() {
        FirmwareCatalog catalog = read();

        assertThat(catalog.images().get(0).build().codeDigest())
                .isEqualTo(catalog.images().get(1).build().codeDigest())
                .isNotEqualTo(catalog.images().get(2).build().codeDigest());
        assertThat(catalog.images().get(0).build().varsTemplateDigest())
                .isNotEqualTo(catalog.images().get(1).build().varsTemplateDigest());
    }

    @Test
    void ofOneNameTheAdministratorsFileCounts() {
        host.zeros("/usr/share/OVMF/own.fd", HostFiles.CODE_4M, 9)
                .write(
                        HostFiles.ETC + "60-edk2-x86_64.json",
                        HostFiles.descriptor("own.fd", "OVMF_VARS_4M.fd", "\"pc-q35-*\"", ""));

        assertThat(read().images()).extracting(FirmwareImage::codePath).last().isEqualTo("/usr/share/OVMF/own.fd");
        assertThat(read().images()).hasSize(3);
    }

    @Test
    void emptyFileMasksAndAHigherNumberComesLater() {
        host.write(HostFiles.ETC + "40-edk2-x86_64-secure-enrolled.json", "")
                .write(
                        HostFiles.ETC + "45-own.json",
                        HostFiles.descriptor("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "\"pc-q35-*\"", ""));

        assertThat(descriptors(read()))
                .containsExactly("45-own.json", "50-edk2-x86_64-secure.json", "60-edk2-x86_64.json");
        assertThat(read().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "null",
                "[]",
                "{}",
                "{\"interface-types\": [\"uefi\"], \"mapping\": {\"device\": \"flash\"}, \"targets\":"
                        + " [{\"architecture\": \"x86_64\", \"machines\": [\"pc-q35-*\"]}]}",
                "{\"interface-types\": \"uefi\"}"
            })
    void brokenDescriptorIsReportedAndTheOthersCount(String content) {
        host.write(HostFiles.ETC + "10-broken.json", content);

        assertThat(read().images()).hasSize(3);
        assertThat(read().problems()).singleElement().asString().startsWith("10-broken.json ");
    }

    @Test
    void nullsInListsDoNoHarm() {
        host.write(
                HostFiles.ETC + "10-nulls.json",
                HostFiles.descriptor("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "null, \"pc-q35-*\"", "null")
                        .replace("\"targets\": [", "\"targets\": [ null,"));

        assertThat(read().problems()).isEmpty();
        assertThat(read().images().get(0).build().machines()).containsExactly("pc-q35-*");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"uefi\"','\"bios\"',is no UEFI firmware",
        "'\"device\": \"flash\"','\"device\": \"memory\"',is mapped to memory",
        "'\"device\": \"flash\"','\"device\": \"flash\", \"mode\": \"stateless\"',has the flash mode stateless",
        "'\"device\": \"flash\"','\"device\": \"flash\", \"mode\": \"combined\"',has the flash mode combined",
        "'\"raw\"','\"qcow2\"',has an image of the format qcow2",
        "'\"x86_64\"','\"aarch64\"',is not for x86_64"
    })
    void firmwareOfAnotherKindIsIgnoredAndSaysWhy(String from, String to, String why) {
        String descriptor = HostFiles.descriptor("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "\"pc-q35-*\"", "")
                .replace(from, to);
        host.write(HostFiles.ETC + "10-other.json", descriptor);

        FirmwareCatalog catalog = read();
        assertThat(catalog.images()).hasSize(3);
        assertThat(catalog.problems()).isEmpty();
        assertThat(catalog.ignored()).singleElement().asString().startsWith("10-other.json " + why);
    }

    @Test
    void explicitSplitIsTheSameAsNone() {
        host.write(
                HostFiles.ETC + "10-split.json",
                HostFiles.descriptor("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "\"pc-q35-*\"", "")
                        .replace("\"flash\"", "\"flash\", \"mode\": \"split\""));

        assertThat(descriptors(read())).first().isEqualTo("10-split.json");
    }

    @Test
    void missingImageIsNamed() {
        host.delete("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd");

        FirmwareCatalog catalog = read();
        assertThat(descriptors(catalog)).containsExactly("60-edk2-x86_64.json");
        assertThat(catalog.problems())
                .hasSize(2)
                .anyMatch(problem -> problem.contains("40-") && problem.contains("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"));
    }

    @Test
    void codeAndVariablesOfDifferentBuildsAreNoPair() {
        host.zeros("/usr/share/OVMF/OVMF_VARS.fd", 131_072, 1)
                .write(
                        HostFiles.ETC + "10-mixed.json",
                        HostFiles.descriptor("OVMF_CODE_4M.fd", "OVMF_VARS.fd", "\"pc-q35-*\"", ""));

        assertThat(read().problems()).singleElement().asString().contains("3653632", "131072");
        assertThat(read().images()).hasSize(3);
    }

    @Test
    void buildsOfUnknownSizeAreTaken() {
        host.zeros("/usr/share/OVMF/code", 4_000_000, 1)
                .write(
                        HostFiles.ETC + "10-own.json",
                        HostFiles.descriptor("code", "OVMF_VARS_4M.fd", "\"pc-q35-*\"", ""));

        assertThat(descriptors(read())).first().isEqualTo("10-own.json");
    }

    @Test
    void hostWithoutDescriptorsHasNothing(@TempDir Path empty) {
        FirmwareCatalog catalog = FirmwareCatalog.read(empty);

        assertThat(catalog.images()).isEmpty();
        assertThat(catalog.problems()).isEmpty();
    }

    @Test
    void linksAreThoseOfTheHost() throws IOException {
        // A directory that is an absolute link on the host must not be followed in this process's own root.
        Files.move(directory.resolve("usr/share/OVMF"), directory.resolve("usr/share/edk2"));
        host.link("/usr/share/OVMF", "/usr/share/edk2");
        host.link(HostFiles.ETC + "61-link.json", "../../../usr/share/qemu/firmware/60-edk2-x86_64.json");

        assertThat(read().problems()).isEmpty();
        assertThat(descriptors(read())).hasSize(4).contains("61-link.json");
    }

    @Test
    void linksThatLeadUpStayOnTheHost() {
        host.delete("/usr/share/OVMF/OVMF_CODE_4M.ms.fd")
                .link(
                        "/usr/share/OVMF/OVMF_CODE_4M.ms.fd",
                        "../../../../../../../../../../../usr/share/OVMF/OVMF_CODE_4M.fd");

        FirmwareCatalog catalog = read();
        assertThat(catalog.images().get(0).build().codeDigest())
                .isEqualTo(catalog.images().get(2).build().codeDigest());
    }

    @Test
    void circleOfLinksIsAProblem() {
        host.link(HostFiles.ETC + "10-a.json", "10-b.json").link(HostFiles.ETC + "10-b.json", "10-a.json");

        assertThat(read().images()).hasSize(3);
        assertThat(read().problems()).hasSize(2);
    }

    @Test
    void upgradedImageHasAnotherDigestInTheNextRead() throws IOException {
        var reader = new FirmwareReader(host.root());
        String before = reader.read().images().get(2).build().codeDigest();
        Path code = directory.resolve("usr/share/OVMF/OVMF_CODE_4M.fd");
        FileTime time = Files.getLastModifiedTime(code);

        host.zeros("/usr/share/OVMF/OVMF_CODE_4M.fd", HostFiles.CODE_4M, 77);
        Files.setLastModifiedTime(code, time);

        assertThat(reader.read().images().get(2).build().codeDigest()).isNotEqualTo(before);
    }

    @Test
    void realOvmfServesBothKinds() {
        FirmwareCatalog catalog = FirmwareCatalog.read(Path.of("/"));

        assertThat(FirmwareKind.values())
                .as("this test reads the machine's own firmware: apt-get install -y ovmf")
                .allSatisfy(kind -> assertThat(FirmwareChoice.choose(
                                catalog.images(), new FirmwareChoice.Need(kind, false, "pc-q35-7.2", null, null, null)))
                        .isInstanceOf(FirmwareChoice.Chosen.class));
    }
}
