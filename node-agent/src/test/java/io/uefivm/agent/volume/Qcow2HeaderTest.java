package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against images of the real qemu-img. */
class Qcow2HeaderTest {
    @TempDir
    private static Path directory;

    @Test
    void takesAnImageThatStandsAlone() throws Exception {
        assertThat(refusal("plain.qcow2", "16M")).isEmpty();
        assertThat(refusal("old.qcow2", "-o", "compat=0.10", "16M")).isEmpty();
    }

    @Test
    void refusesABackingFile() throws Exception {
        assertThat(refusal("chained.qcow2", "-u", "-F", "raw", "-b", "/etc/passwd", "16M"))
                .contains("has a backing file");
    }

    @Test
    void refusesAnExternalDataFile() throws Exception {
        assertThat(refusal("split.qcow2", "-o", "data_file=" + directory.resolve("data"), "16M"))
                .contains("has an external data file");
    }

    @Test
    void refusesWhatIsNone() {
        assertThat(Qcow2Header.refusal(new byte[Qcow2Header.BYTES])).contains("is no qcow2 image");
        assertThat(Qcow2Header.refusal(new byte[0])).contains("is no qcow2 image");
    }

    private static Optional<String> refusal(String name, String... options) throws IOException, InterruptedException {
        Path image = directory.resolve(name);
        var command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        command.addAll(List.of(options).subList(0, options.length - 1));
        command.add(image.toString());
        command.add(options[options.length - 1]);
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor())
                .as("qemu-img; install it with: apt-get install -y qemu-utils")
                .isZero();
        try (var in = Files.newInputStream(image)) {
            return Qcow2Header.refusal(in.readNBytes(Qcow2Header.BYTES));
        }
    }
}
