package io.uefivm.agent.firmware;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The firmware builds that a host's descriptors name, in the order in which they are preferred.
 *
 * @param images UEFI builds for x86_64 with split, raw flash
 * @param problems one sentence for each descriptor that is broken, and for each directory that cannot be read
 * @param ignored one sentence for each descriptor of firmware of another kind
 */
public record FirmwareCatalog(List<FirmwareImage> images, List<String> problems, List<String> ignored) {
    public FirmwareCatalog {
        images = List.copyOf(images);
        problems = List.copyOf(problems);
        ignored = List.copyOf(ignored);
    }

    /**
     * Reads the host's descriptors and the files that they name, once. See {@link FirmwareReader} for doing so again.
     *
     * @param hostRoot where the host's root is seen; the paths in the result are those of the host
     */
    public static FirmwareCatalog read(Path hostRoot) {
        return new FirmwareReader(hostRoot).read();
    }

    /**
     * Where a path of the host is seen, links followed below the host's root.
     *
     * @throws IOException when it leads nowhere
     */
    public static Path below(Path hostRoot, String path) throws IOException {
        return new HostRoot(hostRoot).resolve(path);
    }
}
