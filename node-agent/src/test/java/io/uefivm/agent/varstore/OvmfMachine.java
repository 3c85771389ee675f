package io.uefivm.agent.varstore;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A machine with real OVMF (4M, Secure Boot, SMM) under emulation, and what it says on its serial console. */
final class OvmfMachine implements AutoCloseable {
    /** A start takes about ten seconds on an idle core. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
    private static final Path CODE = Path.of("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd");

    private final Process process;
    private final Path console;

    private OvmfMachine(Process process, Path console) {
        this.process = process;
        this.console = console;
    }

    /**
     * Starts it.
     *
     * @param loader becomes {@code \EFI\BOOT\BOOTX64.EFI} of its only disk; without one there is no disk
     */
    static OvmfMachine start(Path folder, Path vars, @Nullable Path loader) throws IOException {
        require(QEMU, "qemu-system-x86");
        require(CODE, "ovmf");
        Path console = Files.createTempFile(folder, "console", ".log");
        List<String> command = new ArrayList<>(List.of(
                QEMU.toString(),
                "-machine",
                "q35,smm=on,accel=tcg",
                "-cpu",
                "max",
                "-m",
                "256",
                "-nodefaults",
                "-display",
                "none",
                "-serial",
                "file:" + console,
                "-global",
                "driver=cfi.pflash01,property=secure,value=on",
                "-global",
                "ICH9-LPC.disable_s3=1",
                "-drive",
                "if=pflash,unit=0,format=raw,readonly=on,file=" + CODE,
                "-drive",
                "if=pflash,unit=1,format=raw,file=" + vars));
        if (loader != null) {
            Path boot = Files.createDirectories(folder.resolve("esp/EFI/BOOT"));
            Files.copy(loader, boot.resolve("BOOTX64.EFI"));
            command.addAll(List.of(
                    "-drive",
                    "if=none,id=disk,format=raw,readonly=on,file=fat:" + folder.resolve("esp"),
                    "-device",
                    "virtio-blk-pci,drive=disk,bootindex=1"));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new OvmfMachine(process, console);
    }

    static Path require(Path file, String debianPackage) {
        if (!Files.exists(file)) {
            fail(file + " is missing: apt-get install -y " + debianPackage);
        }
        return file;
    }

    /** Waits until the console shows this. */
    void awaitConsole(String regex) {
        Pattern pattern = Pattern.compile(regex);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            if (!process.isAlive()) {
                fail("QEMU ended: " + output() + "\n" + console());
            }
            return pattern.matcher(console()).find();
        });
    }

    String console() throws IOException {
        return Files.readString(console, StandardCharsets.ISO_8859_1);
    }

    private String output() throws IOException {
        try (InputStream in = process.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Pulls the plug. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
