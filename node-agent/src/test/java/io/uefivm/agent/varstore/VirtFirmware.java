package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.agent.Debian13;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The editor {@code virt-fw-vars} of Debian 13's python3-virt-firmware, which was written by others from the same sources. */
final class VirtFirmware {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    private final Path folder;

    VirtFirmware(Path folder) {
        this.folder = folder;
    }

    /** What it reads in a store: a line for each variable with all that the two have in common. */
    List<String> read(VarStore store) throws IOException {
        Path file = Files.createTempFile(folder, "store", ".fd");
        Files.write(file, store.toBytes());
        return json(file).stream().map(VirtFirmware::line).toList();
    }

    /** What it makes of a store, and of its own result when it reads that again. */
    VarStore write(VarStore store, String... arguments) throws IOException {
        Path in = Files.createTempFile(folder, "before", ".fd");
        Path out = Files.createTempFile(folder, "after", ".fd");
        Files.write(in, store.toBytes());
        List<String> all = new ArrayList<>(List.of("-i", in.toString(), "-o", out.toString()));
        all.addAll(List.of(arguments));
        run(all);
        VarStore written = VarStore.parse(Files.readAllBytes(out));
        assertThat(read(written)).isEqualTo(lines(written));
        return written;
    }

    /** The variables of a store in its own JSON form. */
    Path dump(VarStore store) throws IOException {
        Path file = Files.createTempFile(folder, "store", ".fd");
        Files.write(file, store.toBytes());
        Path json = Files.createTempFile(folder, "variables", ".json");
        run(List.of("-i", file.toString(), "--output-json", json.toString()));
        return json;
    }

    private List<JsonNode> json(Path store) throws IOException {
        Path json = Files.createTempFile(folder, "variables", ".json");
        run(List.of("-i", store.toString(), "--output-json", json.toString()));
        List<JsonNode> variables = new ArrayList<>();
        new ObjectMapper().readTree(json.toFile()).get("variables").forEach(variables::add);
        return variables;
    }

    static List<String> lines(VarStore store) {
        return store.variables().stream()
                .map(v -> line(
                        v.name(),
                        v.vendor().toString(),
                        v.attributes(),
                        v.data().hex(),
                        time(v.timestamp())))
                .toList();
    }

    private static String line(JsonNode v) {
        return line(
                v.get("name").asText(),
                v.get("guid").asText(),
                v.get("attr").asInt(),
                v.get("data").asText(),
                v.path("time").asText("00".repeat(16)));
    }

    private static String line(String name, String vendor, int attributes, String data, String time) {
        return name + "-" + vendor + " 0x" + Integer.toHexString(attributes) + " " + time + " " + data;
    }

    private static String time(EfiTime time) {
        return time.toBytes().hex();
    }

    private void run(List<String> arguments) throws IOException {
        Path home = Debian13.file("virt-firmware/usr/lib/python3/dist-packages");
        List<String> command = new ArrayList<>(List.of(PYTHON.toString(), "-m", "virt.firmware.vars"));
        command.addAll(arguments);
        Path output = Files.createTempFile(folder, "output", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("PYTHONPATH", home.toString());
        Process process = builder.start();
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                fail(command + " failed; it needs: apt-get install -y python3-cryptography"
                        + " python3-importlib-resources python3-pefile\n"
                        + Files.readString(output, StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        } finally {
            process.destroyForcibly();
        }
    }
}
