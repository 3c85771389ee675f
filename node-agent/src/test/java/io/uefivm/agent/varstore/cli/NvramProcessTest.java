package io.uefivm.agent.varstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.agent.varstore.VarStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as people run it: the agent's own program, in a process of its own, on a file that an agent committed. */
class NvramProcessTest {
    @TempDir
    private Path folder;

    private Path generation;

    @BeforeEach
    void copyAGeneration() throws IOException {
        generation = folder.resolve("7-5.state");
        try (InputStream in = Objects.requireNonNull(
                VarStore.class.getResourceAsStream("/io/uefivm/agent/nvram/format-2-dictionary-1.state"))) {
            Files.copy(in, generation);
        }
    }

    private record Ended(int code, String out, String err) {}

    private Ended agent(String javaOption, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                javaOption,
                "-cp",
                System.getProperty("java.class.path"),
                "io.uefivm.agent.Main"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().remove("NODE_NAME");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void aGenerationIsShownWithoutAnythingOfLibvirt() throws IOException, InterruptedException {
        Ended shown = agent("-Xlog:class+load:file=" + folder.resolve("classes"), "nvram", "show", generation);

        assertThat(shown.err()).isEmpty();
        assertThat(shown.code()).isZero();
        assertThat(shown.out())
                .contains("4M store, 540672 bytes")
                .contains("generation 7, of epoch 5, Ended, committed 2026-05-01T10:00:00Z")
                .contains("Secure Boot  enforcing")
                .contains("1. Boot0001");
        assertThat(Files.readString(folder.resolve("classes")))
                .contains("io.uefivm.agent.varstore.VarStore")
                .doesNotContain(" org.libvirt.", " com.sun.jna.");
    }

    @Test
    void aGenerationIsTakenApartAndChangedOnlyIntoAnotherFile() throws IOException, InterruptedException {
        byte[] before = Files.readAllBytes(generation);
        Path parts = folder.resolve("parts");

        assertThat(agent("-Xmx96m", "nvram", "extract", generation, "-o", parts).code())
                .isZero();
        Path vars = parts.resolve("vars.fd");
        assertThat(vars).hasSize(540672);
        assertThat(parts.resolve("tpm/tpm2-00.permall")).hasSize(5999);
        assertThat(new ObjectMapper()
                        .readTree(parts.resolve("manifest.json").toFile())
                        .get("number")
                        .asInt())
                .isEqualTo(7);
        assertThat(agent("-Xmx96m", "nvram", "diff", generation, vars)).isEqualTo(new Ended(0, "", ""));

        Ended refused = agent("-Xmx96m", "nvram", "delete", generation, "Timeout");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("is a committed generation").hasLineCount(1);
        assertThat(generation).hasBinaryContent(before);
        Path edited = folder.resolve("edited.fd");
        assertThat(agent("-Xmx96m", "nvram", "delete", generation, "Timeout", "-o", edited)
                        .code())
                .isZero();
        assertThat(agent("-Xmx96m", "nvram", "diff", generation, edited).out())
                .startsWith("- Timeout-")
                .hasLineCount(1);
    }

    @Test
    void theAgentItselfStillAsksForItsNode() throws IOException, InterruptedException {
        Ended refused = agent("-Xmx96m");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).startsWith("Missing required option: '--node-name");
    }
}
