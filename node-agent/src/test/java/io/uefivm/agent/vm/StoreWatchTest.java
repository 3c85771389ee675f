package io.uefivm.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreWatchTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final StoreWatch.Pace FAST =
            new StoreWatch.Pace(Duration.ofMillis(300), Duration.ofSeconds(2), Duration.ofMillis(300));

    private final List<String> looks = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private @Nullable StoreWatch watch;

    private StoreWatch watch(StoreWatch.Pace pace, Function<String, StoreWatch.Look> look) throws IOException {
        StoreWatch started = new StoreWatch("vars.fd", pace, name -> {
            looks.add(name);
            return look.apply(name);
        });
        watch = started;
        return started;
    }

    private StoreWatch watch() throws IOException {
        return watch(FAST, name -> StoreWatch.Look.NEWS);
    }

    @AfterEach
    void stop() throws IOException {
        if (watch != null) {
            watch.close();
        }
    }

    private Path store(String name) throws IOException {
        Path of = Files.createDirectories(directory.resolve(name));
        Files.write(of.resolve("vars.fd"), new byte[4096]);
        return of;
    }

    /** As QEMU does: in place, a few bytes. */
    private static void write(Path of, String file) throws IOException {
        try (var opened = new RandomAccessFile(of.resolve(file).toFile(), "rw")) {
            opened.seek(512);
            opened.write(7);
        }
    }

    @Test
    void aBurstOfWritesIsLookedAtOnceAndEachStoreByItself() throws IOException {
        Path a = store("a");
        Path b = store("b");
        StoreWatch started = watch(
                new StoreWatch.Pace(Duration.ofSeconds(1), LONG, Duration.ofMillis(1)), name -> StoreWatch.Look.NEWS);
        started.watch("a", a);
        started.watch("b", b);
        for (int i = 0; i < 1000; i++) {
            write(a, "vars.fd");
        }
        await().atMost(LONG).until(() -> looks.contains("a"));
        write(b, "vars.fd");
        await().atMost(LONG).until(() -> looks.contains("b"));

        assertThat(looks).containsExactly("a", "b");
    }

    @Test
    void aStoreThatIsWrittenWithoutAPauseIsLookedAtAllTheSame() throws Exception {
        Path a = store("a");
        watch(
                        new StoreWatch.Pace(Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofMillis(1)),
                        name -> StoreWatch.Look.NEWS)
                .watch("a", a);
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> {
            write(a, "vars.fd");
            return !looks.isEmpty();
        });
    }

    @Test
    void otherFilesAreNotLookedAt() throws IOException {
        Path a = store("a");
        watch().watch("a", a);
        write(a, "epoch.json");
        write(a, "vars.fd");
        await().atMost(LONG).until(() -> !looks.isEmpty());
        assertThat(looks).containsExactly("a");
    }

    @Test
    void aTornStoreIsLookedAtAgainAndNotForEver() throws IOException {
        Path a = store("a");
        watch(FAST, name -> StoreWatch.Look.TORN).watch("a", a);
        write(a, "vars.fd");
        await().atMost(LONG).until(() -> looks.size() == 5);
        await().during(Duration.ofSeconds(2)).atMost(LONG).until(() -> looks.size() == 5);
        write(a, "vars.fd");
        await().atMost(LONG).until(() -> looks.size() > 5);
    }

    @Test
    void newsAreKeptApart() throws IOException {
        Path a = store("a");
        watch(
                        new StoreWatch.Pace(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofHours(1)),
                        name -> StoreWatch.Look.NEWS)
                .watch("a", a);
        write(a, "vars.fd");
        await().atMost(LONG).until(() -> looks.size() == 1);
        write(a, "vars.fd");
        await().during(Duration.ofSeconds(2)).atMost(LONG).until(() -> looks.size() == 1);
    }

    @Test
    void aDirectoryThatGoesIsForgottenAndCanComeBack() throws IOException {
        Path a = store("a");
        StoreWatch started = watch();
        started.watch("a", a);
        Files.delete(a.resolve("vars.fd"));
        Files.delete(a);
        await().atMost(LONG).until(() -> !started.isWatching("a"));
        started.watch("a", store("a"));
        write(a, "vars.fd");
        await().atMost(LONG).until(() -> !looks.isEmpty());
    }

    @Test
    void whatIsForgottenIsNotLookedAt() throws IOException {
        Path a = store("a");
        Path b = store("b");
        StoreWatch started = watch();
        started.watch("a", a);
        started.watch("b", b);
        started.forget("a");
        write(a, "vars.fd");
        write(b, "vars.fd");
        await().atMost(LONG).until(() -> looks.contains("b"));
        assertThat(looks).doesNotContain("a");
    }
}
