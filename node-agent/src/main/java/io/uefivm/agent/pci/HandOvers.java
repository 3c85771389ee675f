package io.uefivm.agent.pci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which VM got which device last, in a directory of the agent's: the domain is gone by the time when somebody has to look
 * whether its devices came back in order, and the agent may have been restarted in between.
 */
public final class HandOvers {
    private final Path directory;

    /** @param directory the agent's own, made when needed */
    public HandOvers(Path directory) {
        this.directory = directory;
    }

    void put(String unit, String vmUid) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(unit), vmUid);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write who has " + unit, e);
        }
    }

    /** Names of the devices that a VM got and that nobody got since, until it is forgotten; in order. */
    List<String> of(String vmUid) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            var units = new ArrayList<String>();
            for (Path file : files.sorted().toList()) {
                if (Files.readString(file).equals(vmUid)) {
                    units.add(file.getFileName().toString());
                }
            }
            return units;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read who has which device in " + directory, e);
        }
    }

    void forget(String vmUid) {
        try {
            for (String unit : of(vmUid)) {
                Files.deleteIfExists(directory.resolve(unit));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot forget the devices of " + vmUid, e);
        }
    }
}
