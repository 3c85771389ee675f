package io.uefivm.agent.varstore;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A machine with real OVMF (Secure Boot, SMM) under emulation, and what it says on its serial console. */
final class OvmfMachine implements AutoCloseable {
    /** A start takes about ten seconds on an idle core. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
    private static final Path FIRMWARE = Path.of("/usr/share/OVMF");

    private final Process process;
    private final Path console;
    private final Path output;

    private OvmfMachine(Process process, Path console, Path output) {
        this.process = process;
        this.console = console;
        this.output = output;
    }

    /**
     * Starts one with a 4M store.
     *
     * @param loader becomes {@code \EFI\BOOT\BOOTX64.EFI} of its only disk; without one there is no disk
     */
    static OvmfMachine start(Path folder, Path vars, @Nullable Path loader) throws IOException {
        if (loader == null) {
            return start(folder, StoreSize.M4, vars, List.of());
        }
        Path boot = Files.createDirectories(folder.resolve("esp/EFI/BOOT"));
        Files.copy(loader, boot.resolve("BOOTX64.EFI"));
        return start(folder, StoreSize.M4, vars, disk("fat:" + folder.resolve("esp"), ",bootindex=1"));
    }

    /** Arguments of a read-only disk, the first PCI device. */
    static List<String> disk(String content, String properties) {
        return List.of(
                "-drive",
                "if=none,id=disk,format=raw,readonly=on,file=" + content,
                "-device",
                "virtio-blk-pci,drive=disk" + properties);
    }

    /** Starts one with more devices. */
    static OvmfMachine start(Path folder, StoreSize size, Path vars, List<String> devices) throws IOException {
        Path code = FIRMWARE.resolve(size == StoreSize.M4 ? "OVMF_CODE_4M.secboot.fd" : "OVMF_CODE.secboot.fd");
        require(QEMU, "qemu-system-x86");
        require(code, "ovmf");
        Path console = Files.createTempFile(folder, "console", ".log");
        Path output = Files.createTempFile(folder, "qemu", ".log");
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
                "-qmp",
                "stdio",
                "-global",
                "driver=cfi.pflash01,property=secure,value=on",
                "-global",
                "ICH9-LPC.disable_s3=1",
                "-drive",
                "if=pflash,unit=0,format=raw,readonly=on,file=" + code,
                "-drive",
                "if=pflash,unit=1,format=raw,file=" + vars));
        command.addAll(devices);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new OvmfMachine(process, console, output);
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

    /** Lets it run for this long. */
    void run(Duration time) throws InterruptedException, IOException {
        if (process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
            fail("QEMU ended: " + output() + "\n" + console());
        }
    }

    /** Writes its memory and devices into a file, from which others can start, and stops it. */
    void save(Path state) throws IOException {
        say("{\"execute\":\"qmp_capabilities\"}");
        say("{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"exec:cat >" + state + "\"}}");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            say("{\"execute\":\"query-migrate\"}");
            if (output().contains("\"status\": \"failed\"")) {
                fail("QEMU cannot save the machine: " + output());
            }
            return output().contains("\"status\": \"completed\"");
        });
        close();
    }

    /** Arguments of a machine that goes on where another was saved. */
    static List<String> from(Path state) {
        return List.of("-incoming", "exec:cat " + state);
    }

    private void say(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    String console() throws IOException {
        return Files.readString(console, StandardCharsets.ISO_8859_1);
    }

    private String output() throws IOException {
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    /** Pulls the plug: SIGKILL. */
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
