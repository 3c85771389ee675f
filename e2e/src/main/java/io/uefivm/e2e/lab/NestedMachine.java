package io.uefivm.e2e.lab;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A whole machine with an IOMMU, emulated on this one, and a KVM host in it: what needs devices that can be given away is
 * tried there without any hardware. It has this machine's files, read-only, below an overlay in its memory. From inside,
 * this machine's loopback is at {@link #OUTSIDE}.
 *
 * <p>It has KVM, because QEMU emulates AMD's virtualization too, control groups of version 2 and vhost-vsock. Not every
 * guest on that KVM lives: with OVMF as guest QEMU 7.2 aborts, and the machine with it (tcg_handle_interrupt without the
 * lock that it wants).
 *
 * <p>Two displays: {@value #CARD} alone in its IOMMU group, and {@value #SHARED_CARD} on a conventional bus, where it shares
 * its group with a network card.
 */
public final class NestedMachine implements AutoCloseable {
    /** The display that can be had, as PCI slot inside. */
    public static final String CARD = "0000:01:00";

    /** The display that cannot, because of the network card in the slot beside it. */
    public static final String SHARED_CARD = "0000:03:01";

    /** The address by which this machine's loopback is reached from inside. */
    public static final String OUTSIDE = "10.0.2.2";

    /** What is its first process. */
    public enum Init {
        /** A shell, as there is on hosts without systemd. */
        SHELL,
        /** systemd with D-Bus and machined. */
        SYSTEMD
    }

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String KERNEL = "linux-image-amd64";
    private static final Pattern DEPENDS = Pattern.compile("Depends: (linux-image-[^ ,]*)");
    private static final String CARD_ID = "card";

    private final Path directory;
    private final Process qemu;
    private final BufferedReader answers;
    private final BufferedWriter requests;

    private NestedMachine(Path directory, Process qemu) {
        this.directory = directory;
        this.qemu = qemu;
        this.answers = qemu.inputReader(StandardCharsets.UTF_8);
        this.requests = qemu.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Boots a machine; returns while it does.
     *
     * @param name its host name
     * @param init its first process
     * @param directory shared with it, at the same path; its logs go there
     * @param programs a shell script that starts, in the background, what is to run on it once libvirt does
     * @throws IllegalStateException when something is missing on this machine
     */
    public static NestedMachine boot(String name, Init init, Path directory, String programs) {
        Requirements.HOST.check();
        Requirements.NESTED_MACHINE.check();
        if (init == Init.SYSTEMD) {
            Requirements.NESTED_SYSTEMD.check();
        }
        try {
            Path base = base();
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("programs.sh"), programs);
            Resources.copy("nested/machine.sh", directory);
            Process qemu = new ProcessBuilder(command(name, init, base, directory))
                    .redirectError(directory.resolve("qemu.log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(qemu::destroyForcibly));
            var machine = new NestedMachine(directory, qemu);
            machine.answer();
            machine.ask("qmp_capabilities", Map.of());
            return machine;
        } catch (IOException e) {
            throw new UncheckedIOException("nested machine " + name, e);
        }
    }

    private static List<String> command(String name, Init init, Path base, Path directory) {
        // The timer is checked with a busy wait of the emulated processor, which fails on a busy machine.
        String kernel = "console=ttyS0 quiet panic=-1 intel_iommu=on no_timer_check tsc=reliable mitigations=off"
                + " uefivm.name=" + name + " uefivm.base=" + base + " uefivm.share=" + directory
                + (init == Init.SYSTEMD ? " uefivm.init=systemd" : "");
        var command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"));
        command.addAll(List.of("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-qmp", "stdio"));
        command.addAll(List.of("-machine", "q35,kernel-irqchip=split", "-accel", "tcg,thread=multi"));
        command.addAll(List.of("-cpu", "max", "-smp", "2", "-m", "3G", "-device", "intel-iommu,intremap=on"));
        command.addAll(List.of("-kernel", base.resolve("vmlinuz").toString()));
        command.addAll(List.of("-initrd", base.resolve("initrd.gz").toString(), "-append", kernel));
        command.addAll(List.of("-serial", "file:" + directory.resolve("kernel.log")));
        // The file systems come first: what is before the root ports has no influence on their buses.
        command.addAll(List.of("-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"));
        command.addAll(List.of("-device", "virtio-9p-pci,fsdev=root,mount_tag=root"));
        command.addAll(List.of("-fsdev", "local,id=share,security_model=none,path=" + directory));
        command.addAll(List.of("-device", "virtio-9p-pci,fsdev=share,mount_tag=share"));
        command.addAll(List.of("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net"));
        command.addAll(List.of("-device", "pcie-root-port,id=port1,chassis=1,slot=1"));
        command.addAll(List.of("-device", "bochs-display,id=" + CARD_ID + ",bus=port1"));
        command.addAll(List.of("-device", "pcie-root-port,id=port2,chassis=2,slot=2"));
        command.addAll(List.of("-device", "pcie-pci-bridge,id=bridge,bus=port2"));
        command.addAll(List.of("-device", "bochs-display,id=shared,bus=bridge,addr=1"));
        command.addAll(List.of("-device", "e1000,bus=bridge,addr=2"));
        return command;
    }

    /** Kernel, modules and initial RAM disk, made once for each version of Debian's kernel. */
    private static Path base() throws IOException {
        String show = Commands.run(List.of("apt-cache", "show", "--no-all-versions", KERNEL));
        Matcher kernel = DEPENDS.matcher(show);
        if (!kernel.find()) {
            throw new IOException("the package " + KERNEL + " depends on no kernel image");
        }
        Path base = Cache.directory().resolve("nested").resolve(kernel.group(1));
        if (Files.exists(base.resolve("initrd.gz"))) {
            return base;
        }
        Path work = Files.createTempDirectory(Files.createDirectories(base.getParent()), "building");
        Path sources = Files.createDirectories(work.resolve("sources"));
        Resources.copy("nested/build.sh", sources);
        Resources.copy("nested/init", sources);
        Commands.run(List.of(
                "sh", "-c", "cd \"$1\" && exec sh sources/build.sh \"$2\"", "build", work.toString(), kernel.group(1)));
        return Files.move(work, base, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The driver that has a PCI function now, such as {@code vfio-pci}; {@code none} when none has it. */
    public String driver(String function) {
        return lines("drivers").stream()
                .filter(line -> line.startsWith(function + " "))
                .map(line -> line.substring(function.length() + 1))
                .findFirst()
                .orElse("unknown");
    }

    /** What a file in the shared directory says; nothing while it is not there. */
    public List<String> lines(String file) {
        try {
            Path path = directory.resolve(file);
            return Files.exists(path) ? Files.readAllLines(path, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a script of bash there, which ends when one of its commands fails.
     *
     * @return what it printed
     * @throws IllegalStateException when a command failed
     */
    public synchronized String run(String script) {
        Path answer = directory.resolve("answer");
        try {
            Files.deleteIfExists(answer);
            Path question = Files.writeString(directory.resolve("ask.new"), script);
            Files.move(question, directory.resolve("ask"), StandardCopyOption.ATOMIC_MOVE);
            Awaitility.await("an answer to: " + script)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(250))
                    .until(() -> Files.exists(answer));
            List<String> said = Files.readAllLines(answer);
            String output = String.join("\n", said.subList(0, said.size() - 1)).stripTrailing();
            if (!said.get(said.size() - 1).equals("0")) {
                throw new IllegalStateException(script + "\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("nested machine: " + script, e);
        }
    }

    /** What {@link #CARD} shows, as a PNG file. */
    public Path screen(String name) {
        Path picture = directory.resolve(name + ".png");
        try {
            ask("screendump", Map.of("filename", picture.toString(), "device", CARD_ID, "format", "png"));
            return picture;
        } catch (IOException e) {
            throw new UncheckedIOException("screen of the card", e);
        }
    }

    private synchronized void ask(String command, Map<String, String> arguments) throws IOException {
        String request = Serialization.asJson(Map.of("execute", command, "arguments", arguments));
        requests.write(request.replace("\n", "") + "\n");
        requests.flush();
        String answer = answer();
        while (answer.startsWith("{\"timestamp\"")) {
            answer = answer();
        }
        if (!answer.startsWith("{\"return\"")) {
            throw new IOException(command + ": " + answer);
        }
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("QEMU ended: " + lines("qemu.log"));
        }
        return line;
    }

    /** Pulls the plug. */
    @Override
    public void close() {
        qemu.destroyForcibly();
        try {
            qemu.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
