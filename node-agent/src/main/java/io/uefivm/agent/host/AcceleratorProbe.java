package io.uefivm.agent.host;

import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Tries an accelerator with a throw-away domain that runs {@link ProbeRom}. That {@code /dev/kvm} exists or that libvirt
 * lists kvm says little: nested clouds have it and QEMU still dies or hangs in it.
 */
final class AcceleratorProbe implements AcceleratorTrial {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);

    private final Hypervisor hypervisor;
    private final Path directory;

    /**
     * A probe.
     *
     * @param directory for its files, the same path for libvirt and this process
     */
    AcceleratorProbe(Hypervisor hypervisor, Path directory) {
        this.hypervisor = hypervisor;
        this.directory = directory;
    }

    @Override
    public Optional<String> objection(Accelerator accelerator, String machineType) throws HypervisorException {
        // The same for each trial, so that libvirt keeps one log of them and an interrupted one can be found.
        String name = "uefivm-probe-" + accelerator.label();
        UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII));
        try {
            Files.createDirectories(directory);
            Path rom = directory.resolve("probe.rom");
            Files.write(rom, ProbeRom.image());
            // QEMU reads it as a user of its own, whatever this process's umask is.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(rom, PosixFilePermissions.fromString("rw-r--r--"));
            hypervisor.destroy(uuid);
            Path serial = directory.resolve(name + ".serial");
            Files.deleteIfExists(serial);
            try (var trial = hypervisor.startTrial(xml(name, uuid, accelerator, machineType, rom, serial))) {
                return saysMarker(serial)
                        ? Optional.empty()
                        : Optional.of("QEMU started, and no instruction of the guest ran within " + PATIENCE.toSeconds()
                                + " s");
            } catch (HypervisorException e) {
                if (e.kind() == HypervisorException.Kind.UNAVAILABLE) {
                    throw e;
                }
                return Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString()));
            } finally {
                Files.deleteIfExists(serial);
                Files.deleteIfExists(rom);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + directory, e);
        }
    }

    private static boolean saysMarker(Path serial) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (Files.exists(serial)
                    && Files.readString(serial, StandardCharsets.ISO_8859_1).contains(ProbeRom.MARKER)) {
                return true;
            }
            try {
                Thread.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    /** Paths come from the agent's own options: nothing in here is from outside. */
    private static String xml(
            String name, UUID uuid, Accelerator accelerator, String machineType, Path rom, Path serial) {
        return """
            <domain type='%s'>
              <name>%s</name>
              <uuid>%s</uuid>
              <memory unit='MiB'>16</memory>
              <vcpu>1</vcpu>
              <os>
                <type arch='x86_64' machine='%s'>hvm</type>
                <loader type='rom' readonly='yes'>%s</loader>
              </os>
              <features><acpi/></features>
              <on_crash>destroy</on_crash>
              <devices>
                <serial type='file'><source path='%s'/><target port='0'/></serial>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
              </devices>
            </domain>
            """.formatted(accelerator.domainType(), name, uuid, machineType, rom, serial);
    }
}
