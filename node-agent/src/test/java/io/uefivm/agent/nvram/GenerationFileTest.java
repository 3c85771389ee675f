package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.api.v1alpha1.NvramAction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class GenerationFileTest {
    private static final GenerationName NAME = new GenerationName(7, 5);

    private static GenerationFile file() {
        Content content = new Content(TestStore.vars(5), Map.of("tpm2-00.permall", TestStore.tpm(5)));
        return new GenerationFile(
                new Generation(
                        7,
                        5,
                        content.varsSha256(),
                        content.vars().length,
                        "sha256:c0de",
                        "2026-05-01T10:00:00Z",
                        Generation.Basis.Ended,
                        6L,
                        content.tpmSha256().orElseThrow(),
                        null,
                        List.of(new Asked("a-1", NvramAction.Restore, 7, 2L, "2026-05-01T10:00:00Z"))),
                content);
    }

    @Test
    void whatWasWrittenIsRead() throws CorruptException {
        GenerationFile read = GenerationFile.decode(file().encode(), NAME);
        assertThat(read.generation()).isEqualTo(file().generation());
        assertThat(read.content().vars()).isEqualTo(TestStore.vars(5));
        assertThat(read.content().tpm()).containsOnlyKeys("tpm2-00.permall");
        assertThat(file().encode()).isEqualTo(file().encode());
    }

    @Test
    void everyTruncationAndEveryChangedByteIsCorruptOrHarmless() throws CorruptException {
        byte[] good = file().encode();
        for (int length = 0; length < good.length; length++) {
            assertCorruptOrEqual(Arrays.copyOf(good, length));
        }
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x41;
            assertCorruptOrEqual(bad);
        }
    }

    private static void assertCorruptOrEqual(byte[] archive) {
        Optional<GenerationFile> read;
        try {
            read = Optional.of(GenerationFile.decode(archive, NAME));
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
    void anArchiveThatUnpacksToMoreThanAnythingRealIsCorruptAndNotUnpacked() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("vars.fd"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                zip.write(zeros);
            }
        }
        assertThatThrownBy(() -> GenerationFile.decode(bytes.toByteArray(), NAME))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("larger than anything real");
    }

    @Test
    void anEntryThatLeadsElsewhereIsCorrupt() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("tpm/../../../etc/cron.d/x"));
        }
        assertThatThrownBy(() -> GenerationFile.decode(bytes.toByteArray(), NAME))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("does not belong there");
    }
}
