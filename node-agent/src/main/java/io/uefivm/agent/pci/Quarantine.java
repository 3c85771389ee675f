package io.uefivm.agent.pci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Devices that nobody may have until the host was rebooted, because the kernel has no way to reset them: what a guest
 * left in one would be there for the next. One file for each, so that it survives a restart of the agent.
 */
public final class Quarantine {
    private final Path directory;
    private final Path bootId;

    /**
     * A quarantine.
     *
     * @param directory the agent's own, made when needed
     * @param proc where the host's procfs is mounted
     */
    public Quarantine(Path directory, Path proc) {
        this.directory = directory;
        this.bootId = proc.resolve("sys/kernel/random/boot_id");
    }

    /**
     * From now on nobody gets the device.
     *
     * @param unit name of the device
     * @param why for people, in one line
     */
    public void put(String unit, String why) {
        try {
            Files.createDirectories(directory);
            Files.writeString(file(unit), boot() + "\n" + why + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the quarantine of " + unit, e);
        }
    }

    /** Where it stands that a device is kept. */
    Path file(String unit) {
        return directory.resolve(unit);
    }

    /** Why each device is kept, by name of the device. What was put before the last reboot is forgotten. */
    public Map<String, String> kept() {
        if (!Files.isDirectory(directory)) {
            return Map.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            var kept = new HashMap<String, String>();
            String boot = boot();
            for (Path file : files.toList()) {
                List<String> lines = Files.readAllLines(file);
                if (lines.size() < 2 || !lines.get(0).equals(boot)) {
                    Files.delete(file);
                } else {
                    kept.put(file.getFileName().toString(), lines.get(1));
                }
            }
            return kept;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the quarantine in " + directory, e);
        }
    }

    private String boot() throws IOException {
        return Files.readString(bootId).strip();
    }
}
