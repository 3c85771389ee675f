package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The variable files of Debian's ovmf package; a test that needs them fails without it. */
final class OvmfTemplates {
    static final List<String> NAMES = List.of(
            "OVMF_VARS.fd", "OVMF_VARS.ms.fd", "OVMF_VARS_4M.fd", "OVMF_VARS_4M.ms.fd", "OVMF_VARS_4M.snakeoil.fd");

    private static final Path FOLDER = Path.of("/usr/share/OVMF");

    private OvmfTemplates() {}

    static byte[] bytes(String name) {
        Path file = FOLDER.resolve(name);
        if (!Files.exists(file)) {
            fail(file + " is missing: apt-get install -y ovmf (Debian 12; later releases have no 2M files)");
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static VarStore store(String name) {
        return VarStore.parse(bytes(name));
    }
}
