package io.uefivm.agent.nvram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.api.v1alpha1.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same on a real file system, in a claim to which somebody hostile can write. */
@Timeout(300)
class NvramOnDiskTest {
    @TempDir
    Path claim;

    private interface Act<T> {
        T on(NvramState state) throws NvramException;
    }

    private <T> T with(AtomicInteger stepsLeft, Act<T> act) throws NvramException, PathException {
        try (Directory root = new KillableDirectory(SafeDir.trusted(claim), stepsLeft)) {
            return act.on(new NvramState(root, Vm.UID, TestStore.check(), Clock.systemUTC()));
        }
    }

    private <T> T with(Act<T> act) throws NvramException, PathException {
        return with(new AtomicInteger(Integer.MAX_VALUE), act);
    }

    private Preparation prepare(long epoch) throws NvramException, PathException {
        return with(s -> s.prepare(epoch, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS));
    }

    private Commit commit(long epoch) throws NvramException, PathException {
        return with(s -> s.commit(epoch, Vm.LIMIT));
    }

    private Path epoch(long epoch) {
        return vm().resolve("epochs").resolve(Long.toString(epoch));
    }

    private Path vm() {
        return claim.resolve("uefivm").resolve(Vm.UID);
    }

    private void run(long epoch, int id) throws NvramException, IOException {
        assertThat(prepare(epoch)).isInstanceOf(Preparation.Ready.class);
        with(s -> {
            s.markStarting(epoch);
            return epoch;
        });
        Files.write(epoch(epoch).resolve("vars.fd"), TestStore.vars(id));
        Files.write(epoch(epoch).resolve("tpm/tpm2-00.permall"), TestStore.tpm(id));
        Files.write(epoch(epoch).resolve("tpm/.lock"), new byte[0]);
    }

    private int startedFrom(long epoch) throws NvramException, IOException {
        assertThat(prepare(epoch)).isInstanceOf(Preparation.Ready.class);
        int id = TestStore.id(Files.readAllBytes(epoch(epoch).resolve("vars.fd")));
        assertThat(TestStore.tpmId(Files.readAllBytes(epoch(epoch).resolve("tpm/tpm2-00.permall"))))
                .isEqualTo(id);
        return id;
    }

    @Test
    void aGenerationCanBeOpenedByItself() throws NvramException, IOException {
        run(1, 11);
        commit(1);
        OpenedGeneration opened = OpenedGeneration.of(Files.readAllBytes(vm().resolve("generations/2-1.state")))
                .orElseThrow();
        assertThat(opened.files().keySet()).containsExactly("manifest.json", "vars.fd", "tpm/tpm2-00.permall");
        assertThat(opened.vars()).isEqualTo(TestStore.vars(11));
        assertThat(startedFrom(2)).isEqualTo(11);
    }

    @Test
    void generationsOfTheFirstFormatAreStartedFromAndStay() throws NvramException, IOException {
        run(1, 11);
        commit(1);
        Path generations = vm().resolve("generations");
        for (String name : List.of("1-0", "2-1")) {
            Path state = generations.resolve(name + ".state");
            GenerationFile file = asDecoded(Files.readAllBytes(state));
            Files.write(generations.resolve(name + ".zip"), ZippedFiles.of(file));
            Files.delete(state);
        }

        assertThat(startedFrom(2)).isEqualTo(11);
        run(2, 22);
        commit(2);

        assertThat(with(NvramState::history))
                .extracting(kept -> kept.generation().number())
                .containsExactly(3L, 2L, 1L);
        assertThat(generations).isDirectoryContaining("glob:**/3-2.state").isDirectoryContaining("glob:**/2-1.zip");
        assertThat(startedFrom(3)).isEqualTo(22);
    }

    private static GenerationFile asDecoded(byte[] bytes) {
        try {
            return GenerationFile.decode(bytes);
        } catch (CorruptException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKillAtAnySystemCallOfCommitOrPrepareLosesNothing() throws NvramException, IOException {
        run(1, 1);
        commit(1);
        int id = 1;
        long epoch = 2;
        int kills = 0;
        for (int step = 1; ; step++) {
            // Each round: a whole run whose commit is killed, then a start that is killed, then one that is not.
            run(epoch, ++id);
            long running = epoch;
            boolean committed = finishes(step, s -> s.commit(running, Vm.LIMIT));
            boolean prepared = finishes(step, s -> s.prepare(running + 1, Vm.INITIAL, StoreEdit.NONE, Vm.TERMS));
            assertThat(startedFrom(running + 2)).isEqualTo(id);
            epoch += 3;
            kills += (committed ? 0 : 1) + (prepared ? 0 : 1);
            if (committed && prepared) {
                break;
            }
        }
        assertThat(kills).isGreaterThan(80);
        run(epoch, 5000);
        assertThat(commit(epoch)).isInstanceOf(Commit.Done.class);
        assertThat(all()).noneMatch(p -> p.getFileName().toString().endsWith(".tmp"));
        assertThat(vm().resolve("rejected")).isEmptyDirectory();
    }

    private boolean finishes(int step, Act<?> act) throws NvramException, PathException {
        try {
            with(new AtomicInteger(step), act);
            return true;
        } catch (MemoryDisk.Killed e) {
            return false;
        }
    }

    private Stream<Path> all() {
        try {
            return Files.walk(claim);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uefivm",
                "uefivm/" + Vm.UID,
                "uefivm/" + Vm.UID + "/epochs",
                "uefivm/" + Vm.UID + "/generations",
                "uefivm/" + Vm.UID + "/rejected",
                "uefivm/" + Vm.UID + "/epochs/1",
                "uefivm/" + Vm.UID + "/epochs/1/vars.fd",
                "uefivm/" + Vm.UID + "/epochs/1/epoch.json",
                "uefivm/" + Vm.UID + "/epochs/1/tpm",
                "uefivm/" + Vm.UID + "/epochs/1/tpm/tpm2-00.permall",
                "uefivm/" + Vm.UID + "/generations/1-0.state"
            })
    void aLinkInAnyPlaceIsNamedAndNothingBehindItIsTouched(String planted, @TempDir Path outside)
            throws NvramException, IOException {
        run(1, 11);
        Path place = claim.resolve(planted);
        Path real = outside.resolve("real");
        Files.move(place, real);
        Files.createSymbolicLink(place, real);
        String before = snapshot(real);

        assertUnsafe(planted, () -> prepare(2));
        assertUnsafe(planted, () -> commit(1));
        assertThat(snapshot(real)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vars.fd", "epoch.json", "tpm/tpm2-00.permall"})
    void aFifoOrASecondNameInPlaceOfAFileIsNamed(String name, @TempDir Path outside)
            throws NvramException, IOException, InterruptedException {
        run(1, 11);
        Path place = epoch(1).resolve(name);
        Path real = outside.resolve("real");
        Files.move(place, real);
        Files.createLink(place, real);
        assertUnsafe(name, () -> prepare(2));
        Files.delete(place);
        assertThat(new ProcessBuilder("mkfifo", place.toString()).start().waitFor())
                .isZero();
        assertUnsafe(name, () -> commit(1));
    }

    private static void assertUnsafe(String planted, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        NvramException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ClaimUnsafe))
                .hasMessageContaining(planted);
    }

    private static String snapshot(Path path) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
                text.append(path.relativize(file))
                        .append(' ')
                        .append(Files.getLastModifiedTime(file))
                        .append(Files.isRegularFile(file) ? " " + Files.size(file) : "")
                        .append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void erasingTakesAllOfOneVmAndNothingOfAnother() throws Exception {
        prepare(1);
        Path tpm = Files.createDirectories(epoch(1).resolve("tpm"));
        Files.writeString(tpm.resolve("more"), "state");
        Files.createSymbolicLink(vm().resolve("link"), Path.of("/etc"));
        Path neighbour = Files.createDirectories(vm().resolveSibling("5f0e4b7c-0000-4000-8000-00000000000f"));
        Files.writeString(neighbour.resolve("state"), "kept");

        erase();
        erase();

        assertThat(vm()).doesNotExist();
        assertThat(neighbour.resolve("state")).hasContent("kept");
        assertThat(Path.of("/etc/passwd")).exists();
    }

    private void erase() throws NvramException, PathException {
        try (Directory root = SafeDir.trusted(claim)) {
            NvramState.erase(root, Vm.UID);
        }
    }
}
