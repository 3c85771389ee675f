package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.volume.PathException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SafeDirTest {
    @TempDir
    Path temporary;

    private SafeDir root;

    @BeforeEach
    void open() throws PathException {
        root = SafeDir.trusted(temporary);
    }

    @AfterEach
    void close() {
        root.close();
    }

    private static void assertFails(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PathException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void writesReadsRenamesAndRemoves() throws PathException {
        byte[] content = new byte[540_672];
        content[540_671] = 7;
        root.make("a");
        try (SafeDir a = root.open("a")) {
            a.write("file", content);
            a.syncFile("file");
            assertThat(a.read("file", content.length)).isEqualTo(content);
            a.write("empty", new byte[0]);
            assertThat(a.read("empty", 10)).isEmpty();
            a.rename("file", "other");
            a.move("other", root, "moved");
            a.sync();
            assertThat(a.names()).containsExactly("empty");
            assertFails(Kind.NOT_EMPTY, () -> root.removeDirectory("a"));
        }
        root.removeTree("a", 0);
        assertThat(root.entry("a")).isEmpty();
        assertThat(root.entry("moved")).hasValue(new Directory.Entry(Directory.EntryKind.FILE, content.length));
        assertThat(root.usableBytes()).isPositive();
    }

    @Test
    void whatItMakesIsForRootAlone() throws IOException {
        root.make("directory");
        root.write("file", new byte[1]);
        assertThat(Files.getPosixFilePermissions(temporary.resolve("directory")).toString())
                .doesNotContain("GROUP", "OTHERS");
        assertThat(Files.getPosixFilePermissions(temporary.resolve("file")).toString())
                .doesNotContain("GROUP", "OTHERS");
    }

    @Test
    void aFileThatIsThereIsNotWrittenTo() throws PathException {
        root.write("file", new byte[1]);
        assertFails(Kind.EXISTS, () -> root.write("file", new byte[2]));
        assertFails(Kind.EXISTS, () -> root.make("file"));
        assertFails(Kind.MISSING, () -> root.read("none", 1));
        assertFails(Kind.MISSING, () -> root.open("none"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../a", "/etc", "a\0b"})
    void onlyNamesAreNames(String name) {
        assertThatThrownBy(() -> root.open(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> root.read(name, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> root.write(name, new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> root.unlink(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> root.pin(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void linksAreNeverFollowed() throws IOException {
        Path secret = Files.writeString(temporary.resolve("secret"), "root's");
        Path inside = Files.createDirectory(temporary.resolve("claim"));
        Files.createSymbolicLink(inside.resolve("file"), secret);
        Files.createSymbolicLink(inside.resolve("dir"), temporary);
        Files.createSymbolicLink(inside.resolve("beside"), Path.of("file"));
        Files.createSymbolicLink(inside.resolve("dangling"), Path.of("none"));
        try (SafeDir claim = root.open("claim")) {
            assertFails(Kind.UNSAFE, () -> claim.read("file", 100));
            assertFails(Kind.UNSAFE, () -> claim.read("beside", 100));
            assertFails(Kind.UNSAFE, () -> claim.syncFile("file"));
            assertFails(Kind.UNSAFE, () -> claim.open("dir"));
            assertFails(Kind.UNSAFE, () -> claim.pin("file"));
            assertFails(Kind.UNSAFE, () -> claim.pin(List.of("dir", "secret")));
            assertFails(Kind.EXISTS, () -> claim.write("dangling", new byte[1]));
            assertThat(claim.entry("file")).map(Directory.Entry::kind).hasValue(Directory.EntryKind.LINK);
            claim.removeTree("dir", 3);
            claim.replace("file", new byte[] {1});
        }
        assertThat(secret).hasContent("root's");
        assertThat(inside.resolve("file")).isRegularFile();
    }

    @Test
    void aFileWithASecondNameIsRefused() throws IOException {
        Path secret = Files.writeString(temporary.resolve("secret"), "root's");
        Files.createLink(temporary.resolve("vars.fd"), secret);
        assertFails(Kind.UNSAFE, () -> root.read("vars.fd", 100));
        assertFails(Kind.UNSAFE, () -> root.pin("vars.fd").requireFile());
    }

    @Test
    void aFifoIsRefusedWithoutWaitingForAWriter() throws IOException, InterruptedException {
        Path fifo = temporary.resolve("vars.fd");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        assertFails(Kind.UNSAFE, () -> root.read("vars.fd", 100));
        assertFails(Kind.UNSAFE, () -> root.syncFile("vars.fd"));
        assertFails(Kind.UNSAFE, () -> root.pin("vars.fd").requireFile());
        assertFails(Kind.UNSAFE, () -> root.open("vars.fd"));
    }

    @Test
    void aFileThatIsLargerThanItCanBeIsNotRead() throws PathException {
        root.write("file", new byte[101]);
        assertFails(Kind.UNSAFE, () -> root.read("file", 100));
    }

    @Test
    void aTreeThatIsDeeperThanOursIsNotRemoved() throws IOException {
        Files.createDirectories(temporary.resolve("a/b/c/d"));
        assertFails(Kind.UNSAFE, () -> root.removeTree("a", 2));
        root.removeTree("a", 3);
        assertThat(temporary.resolve("a")).doesNotExist();
    }

    @Test
    void whatIsOpenStaysTheSameWhenItsNameIsReplaced() throws IOException {
        Files.createDirectories(temporary.resolve("vm/epochs"));
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        try (SafeDir vm = root.open("vm");
                SafeDir epochs = vm.open("epochs")) {
            Files.move(temporary.resolve("vm/epochs"), temporary.resolve("vm/moved"));
            Files.createSymbolicLink(temporary.resolve("vm/epochs"), elsewhere);
            epochs.write("vars.fd", new byte[1]);
        }
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(temporary.resolve("vm/moved/vars.fd")).exists();
    }

    @Test
    void descriptorsAreGivenBack() throws IOException {
        root.write("file", new byte[10]);
        root.make("directory");
        long before = descriptors();
        for (int i = 0; i < 100; i++) {
            root.read("file", 10);
            root.syncFile("file");
            root.open("directory").close();
            root.pin("file").close();
            assertFails(Kind.UNSAFE, () -> root.pin("directory").requireFile().close());
            assertFails(Kind.MISSING, () -> root.open("none"));
        }
        assertThat(descriptors()).isLessThan(before + 50);
    }

    private static long descriptors() throws IOException {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }
}
