package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.volume.PathException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A volume as kubelet's AtomicWriter lays it out. */
class ProjectedFilesTest {
    private static final List<String> PATHS = List.of("keys/db/0", "keys/db/1", "variables/3");

    @TempDir
    Path temporary;

    private Path volume;

    @BeforeEach
    void layOut() throws IOException {
        volume = Files.createDirectory(temporary.resolve("firmware"));
        version("..2026_05_01_10_00_00.1", "first");
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..2026_05_01_10_00_00.1"));
        Files.createSymbolicLink(volume.resolve("keys"), Path.of("..data/keys"));
    }

    private void version(String name, String content) throws IOException {
        Path db = Files.createDirectories(volume.resolve(name).resolve("keys/db"));
        Files.writeString(db.resolve("0"), content);
    }

    private Map<String, byte[]> read() throws PathException {
        try (SafeDir root = SafeDir.trusted(volume)) {
            return ProjectedFiles.read(root, PATHS);
        }
    }

    private void assertUnsafe() {
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        PathException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSAFE));
    }

    private void exchangeLink(String target) throws IOException {
        Files.delete(volume.resolve("..data"));
        Files.createSymbolicLink(volume.resolve("..data"), Path.of(target));
    }

    @Test
    void readsWhatIsThereAndLeavesOutWhatIsNot() throws PathException {
        assertThat(read()).containsOnlyKeys("keys/db/0");
        assertThat(read().get("keys/db/0")).asString().isEqualTo("first");
    }

    @Test
    void readsTheVersionThatKubeletHasMadeCurrent() throws IOException {
        version("..2026_05_01_10_00_00.2", "second");
        exchangeLink("..2026_05_01_10_00_00.2");
        assertThat(read().get("keys/db/0")).asString().isEqualTo("second");
    }

    @Test
    void aVolumeInWhichKubeletHasWrittenNothingIsEmpty() throws IOException {
        Files.delete(volume.resolve("..data"));
        assertThat(read()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../elsewhere", "/etc", "..", ".", "keys", "..2026_05_01_10_00_00.1/keys", "../.."})
    void aLinkToAnythingButASiblingOfKubeletsIsNotFollowed(String target) throws IOException {
        Files.createDirectories(temporary.resolve("elsewhere/keys/db"));
        Files.writeString(temporary.resolve("elsewhere/keys/db/0"), "not mine");
        exchangeLink(target);
        assertUnsafe();
    }

    @Test
    void noOtherLinkIsFollowed() throws IOException {
        Path file = volume.resolve("..2026_05_01_10_00_00.1/keys/db/1");
        Files.createSymbolicLink(file, Path.of("/etc/hostname"));
        assertUnsafe();
        Files.delete(file);
        Files.createSymbolicLink(volume.resolve("..2026_05_01_10_00_00.1/variables"), Path.of("keys/db"));
        assertUnsafe();
    }

    @Test
    void aFileLargerThanAnyObjectIsRefused() throws IOException {
        Files.write(volume.resolve("..2026_05_01_10_00_00.1/keys/db/1"), new byte[(1 << 20) + 1]);
        assertUnsafe();
    }

    @Test
    void aLinkIntoNothingIsReportedWhenItStays() throws IOException {
        exchangeLink("..gone");
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        PathException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FAILED));
    }
}
