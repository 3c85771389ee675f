package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.EmptyStore;
import io.uefivm.agent.varstore.Enrolment;
import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.StoreSize;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.api.v1alpha1.NvramAction;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class GenerationFileTest {
    private static final GenerationName NAME = new GenerationName(7, 5);
    private static final int AIM = 4096;

    private static GenerationFile file() {
        return file(TestStore.vars(5), Map.of("tpm2-00.permall", TestStore.tpm(5)));
    }

    private static GenerationFile file(byte[] vars, Map<String, byte[]> tpm) {
        Content content = new Content(vars, tpm);
        return new GenerationFile(
                new Generation(
                        7,
                        5,
                        content.varsSha256(),
                        content.vars().length,
                        "sha256:5a9e8c3b6d1f40728e93a4b5c6d7e8f90123456789abcdef0fedcba987654321",
                        "2026-05-01T10:00:00Z",
                        Generation.Basis.Ended,
                        6L,
                        content.tpmSha256().orElse(null),
                        null,
                        List.of(new Asked("a-1", NvramAction.Restore, 7, 2L, "2026-05-01T10:00:00Z"))),
                content);
    }

    private static byte[] resource(Class<?> beside, String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    private static byte[] writtenByOvmf(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(VarStore.class.getResourceAsStream("ovmf/" + name + ".fd.gz"))) {
            return new GZIPInputStream(in).readAllBytes();
        }
    }

    /** Of a TPM that swtpm made with its certificates, which is all that libvirt can ask it for. */
    private static Map<String, byte[]> swtpm() throws IOException {
        return Map.of("tpm2-00.permall", resource(GenerationFileTest.class, "tpm2-00.permall"));
    }

    private static void assertSame(GenerationFile actual, GenerationFile expected) {
        assertThat(actual.generation()).isEqualTo(expected.generation());
        assertThat(actual.files()).containsOnlyKeys(expected.files().keySet());
        expected.files()
                .forEach((name, bytes) ->
                        assertThat(actual.files().get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void whatWasWrittenIsRead() throws CorruptException {
        assertSame(GenerationFile.decode(file().encode(), NAME), file());
        assertThat(file().encode()).isEqualTo(file().encode());
    }

    @Test
    void storesThatOvmfWroteAreRestoredByteForByte() throws IOException, CorruptException {
        for (String name : List.of(
                "4m-setup-mode-booted",
                "4m-microsoft-booted",
                "2m-data-incomplete",
                "2m-spare-complete",
                "4m-spare-incomplete")) {
            GenerationFile generation = file(writtenByOvmf(name), swtpm());
            assertSame(GenerationFile.decode(generation.encode(), NAME), generation);
        }
    }

    @Test
    void aStateWithMicrosoftsKeysAndATpmTakesLessThanWeAimAt() throws IOException {
        byte[] enrolled = Enrolment.apply(EmptyStore.of(StoreSize.M4), KeyProfile.microsoft())
                .toBytes();

        assertThat(file(enrolled, Map.of()).encode()).hasSizeLessThan(600);
        assertThat(file(writtenByOvmf("4m-microsoft-booted"), Map.of()).encode())
                .hasSizeLessThan(1024);
        assertThat(file(writtenByOvmf("4m-microsoft-booted"), swtpm()).encode()).hasSizeLessThanOrEqualTo(AIM);
    }

    @Test
    void theDictionariesThatFilesNeedNeverChange() {
        assertThat(Dictionary.CURRENT).isEqualTo(1);
        assertThat(Bytes.copyOf(Dictionary.of(1, "vars.fd")).sha256())
                .isEqualTo("8a8f224d7ef00ff0ed5a047b337f13de2e7eb7feb92fad0c8425a6942c062809");
        assertThat(Bytes.copyOf(Dictionary.of(1, "manifest.json")).sha256())
                .isEqualTo("12bd07699c1351975cd711177bec78bd39437596adc26a87787d9b0dd7494db6");
    }

    @Test
    void theDictionaryHoldsEveryCertificateThatShipsWithUs() {
        KeyProfile microsoft = KeyProfile.microsoft();
        String dictionary =
                Bytes.copyOf(Dictionary.of(Dictionary.CURRENT, "vars.fd")).hex();

        assertThat(Stream.of(microsoft.pk(), microsoft.kek(), microsoft.db(), microsoft.dbx())
                        .flatMap(List::stream)
                        .map(list -> SignatureList.encode(List.of(list)).hex()))
                .hasSize(9)
                .allSatisfy(list -> assertThat(dictionary).contains(list));
    }

    /** Written when the format was new; what was committed then has to be read by every later version. */
    @Test
    void aFileOfFormat2AndDictionary1IsRead() throws IOException, CorruptException {
        GenerationFile read =
                GenerationFile.decode(resource(GenerationFileTest.class, "format-2-dictionary-1.state"), NAME);

        assertThat(read.content().vars()).isEqualTo(writtenByOvmf("4m-microsoft-booted"));
        assertThat(read.content().tpm().get("tpm2-00.permall")).isEqualTo(swtpm().get("tpm2-00.permall"));
        assertThat(read.generation().committedAt()).isEqualTo("2026-05-01T10:00:00Z");
    }

    @Test
    void aZipOfTheFirstVersionIsRead() throws CorruptException {
        GenerationName name = GenerationName.parse("7-5.zip").orElseThrow();

        assertThat(name.file()).isEqualTo("7-5.zip");
        assertSame(GenerationFile.decode(ZippedFiles.of(file()), name), file());
    }

    @Test
    void aFileOfANewerVersionIsNotGuessedAt() {
        byte[] format = file().encode();
        format[6]++;
        byte[] dictionary = file().encode();
        dictionary[7]++;

        for (byte[] newer : List.of(format, dictionary)) {
            assertThatThrownBy(() -> GenerationFile.decode(newer))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("a newer one wrote it");
        }
    }

    @Test
    void everyTruncationAndEveryChangedByteIsCorruptOrHarmless() {
        for (byte[] good : List.of(file().encode(), ZippedFiles.of(file()))) {
            for (int length = 0; length < good.length; length++) {
                assertCorruptOrEqual(Arrays.copyOf(good, length));
            }
            for (int i = 0; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= 0x41;
                assertCorruptOrEqual(bad);
            }
        }
    }

    private static void assertCorruptOrEqual(byte[] bytes) {
        Optional<GenerationFile> read;
        try {
            read = Optional.of(GenerationFile.decode(bytes, NAME));
        } catch (CorruptException e) {
            assertThat(e.defect()).isNotBlank();
            return;
        }
        assertThat(read.get().content().vars()).isEqualTo(TestStore.vars(5));
        assertThat(read.get().content().tpmSha256()).isEqualTo(file().content().tpmSha256());
    }

    @Test
    void aGenerationUnderAnotherNameIsCorrupt() {
        assertThatThrownBy(() -> GenerationFile.decode(file().encode(), new GenerationName(7, 6)))
                .isInstanceOf(CorruptException.class);
    }

    @Test
    void whatUnpacksToMoreThanAnythingRealIsCorruptAndNotUnpacked() {
        Map<String, byte[]> large = Map.of("vars.fd", new byte[64 << 20]);

        for (byte[] bomb : List.of(ZippedFiles.of(large), Packed.encode(large))) {
            assertThat(bomb).hasSizeLessThan(100_000);
            assertThatThrownBy(() -> GenerationFile.decode(bomb))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("larger than anything real");
        }
    }

    @Test
    void aFileThatLeadsElsewhereOrDoesNotBelongThereIsCorrupt() {
        Map<String, byte[]> tooMany = new LinkedHashMap<>();
        for (int i = 0; i <= GenerationFile.MAX_TPM_FILES; i++) {
            tooMany.put("tpm/tpm2-" + i, new byte[10]);
        }
        for (Map<String, byte[]> files :
                List.of(Map.of("tpm/../../../etc/cron.d/x", new byte[1]), Map.of("x", new byte[1]), tooMany)) {
            for (byte[] bytes : List.of(ZippedFiles.of(files), Packed.encode(files))) {
                assertThatThrownBy(() -> GenerationFile.decode(bytes))
                        .isInstanceOf(CorruptException.class)
                        .hasMessageContaining("does not belong there");
            }
        }
    }
}
