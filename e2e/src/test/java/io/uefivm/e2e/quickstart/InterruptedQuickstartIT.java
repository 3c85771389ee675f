package io.uefivm.e2e.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a signal leaves of {@code e2e/quickstart.sh}: nothing. Needs no guest that has booted. */
class InterruptedQuickstartIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int INTERRUPTED = 130;

    private final String name = UUID.randomUUID().toString();
    private final Family family = new Family(name);
    private Path temporary;
    private Path log;
    private Process script;

    @BeforeEach
    void start() throws IOException {
        // Short, because a socket's address below it is; apart from the log, so that all that is left in it was left.
        temporary = Files.createDirectory(Path.of("/tmp/q" + name.substring(0, 8)));
        log = Files.createTempFile("quickstart", ".log");
        // In a session of its own, as in a terminal; a test that runs in the background has no SIGINT to pass on.
        var command = new ProcessBuilder("env", "--default-signal=INT,TERM", "setsid", "./quickstart.sh")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        command.environment().put(Family.VARIABLE, name);
        command.environment().put("UEFIVM_SKIP_BUILD", "yes");
        command.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        script = command.start();
    }

    @AfterEach
    void cleanUp() throws IOException {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
        Directories.delete(temporary);
        Files.deleteIfExists(log);
    }

    @Test
    void controlCLeavesNothingOfARunningVm() throws IOException, InterruptedException {
        awaitInLog(" runs, ");
        assertThat(family.programs())
                .contains("java", "libvirtd", "virtlogd", "swtpm")
                .anyMatch(p -> p.startsWith("qemu-"));

        // Of a terminal: to the whole foreground process group.
        kill("-INT", "-" + script.pid());

        assertNothingIsLeft();
    }

    @Test
    void sigtermDuringTheStartLeavesNothing() throws IOException, InterruptedException {
        awaitInLog(" has booted");
        assertThat(family.programs()).contains("java", "libvirtd");

        kill("-TERM", Long.toString(script.pid()));

        assertNothingIsLeft();
    }

    private void awaitInLog(String text) {
        Awaitility.await(text).atMost(PATIENCE).until(() -> {
            String said = Files.readString(log);
            assertThat(script.isAlive()).as(said).isTrue();
            return said.contains(text);
        });
    }

    private static void kill(String signal, String whom) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, "--", whom)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private void assertNothingIsLeft() throws IOException, InterruptedException {
        assertThat(script.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as(Files.readString(log))
                .isTrue();
        String said = Files.readString(log);
        assertThat(script.exitValue()).as(said).isEqualTo(INTERRUPTED);
        assertThat(said).contains("all stopped");
        // The kernel ends what is in a pid namespace by and by.
        Awaitility.await("the end of all its processes")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(family.programs()).isEmpty());
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(temporary.toString());
        assertThat(filesIn(temporary)).isEmpty();
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !file.equals(directory)).toList();
        }
    }
}
