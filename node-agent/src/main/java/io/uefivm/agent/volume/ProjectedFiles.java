package io.uefivm.agent.volume;

import io.uefivm.agent.volume.Directory.Entry;
import io.uefivm.agent.volume.Directory.EntryKind;
import io.uefivm.agent.volume.PathException.Kind;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files that kubelet made from Secrets and ConfigMaps. It keeps them in a directory {@code ..<time>} beside a link {@code
 * ..data}, and makes a change visible by exchanging the link (Kubernetes, pkg/volume/util/atomic_writer.go). That is the
 * one link that is followed here, and only to such a sibling.
 */
final class ProjectedFiles {
    private static final String DATA = "..data";
    private static final String VERSION_PREFIX = "..";

    /** An object of the API server has at most 1 MiB, all its entries together. */
    private static final int MOST = 1 << 20;

    /** How often kubelet may exchange the content under the reader's hands. */
    private static final int ATTEMPTS = 5;

    private ProjectedFiles() {}

    /**
     * Reads files of one version of the volume.
     *
     * @param paths within the volume
     * @return by path, without those that do not exist
     * @throws PathException {@code UNSAFE} when the volume is not as kubelet makes it
     */
    static Map<String, byte[]> read(SafeDir volume, Collection<String> paths) throws PathException {
        for (int attempt = 1; ; attempt++) {
            Optional<String> version = version(volume);
            if (version.isEmpty()) {
                return Map.of();
            }
            try (SafeDir data = volume.open(version.get())) {
                Map<String, byte[]> files = new HashMap<>();
                for (String path : paths) {
                    read(data, List.of(path.split("/"))).ifPresent(content -> files.put(path, content));
                }
                if (version(volume).equals(version)) {
                    return files;
                }
            } catch (PathException e) {
                if (e.kind() != Kind.MISSING) {
                    throw e;
                }
            }
            if (attempt == ATTEMPTS) {
                throw new PathException(Kind.FAILED, volume.path(), "changes all the time; try again");
            }
        }
    }

    /** Name of the directory that holds the current content; empty when kubelet has written nothing. */
    private static Optional<String> version(SafeDir volume) throws PathException {
        Optional<Entry> link = volume.entry(DATA);
        if (link.isEmpty()) {
            return Optional.empty();
        }
        Optional<Path> target = volume.linkTarget(DATA);
        boolean sibling = link.get().kind() == EntryKind.LINK
                && target.isPresent()
                && Path.of(volume.path()).equals(target.get().getParent())
                && target.get().getFileName().toString().startsWith(VERSION_PREFIX)
                && target.get().getFileName().toString().length() > VERSION_PREFIX.length();
        if (!sibling) {
            throw new PathException(
                    Kind.UNSAFE,
                    volume.path() + "/" + DATA,
                    "is not the link to a directory beside it that kubelet makes");
        }
        return target.map(path -> path.getFileName().toString());
    }

    private static Optional<byte[]> read(SafeDir directory, List<String> names) throws PathException {
        String name = names.get(0);
        if (directory.entry(name).isEmpty()) {
            return Optional.empty();
        }
        if (names.size() == 1) {
            return Optional.of(directory.read(name, MOST));
        }
        try (SafeDir next = directory.open(name)) {
            return read(next, names.subList(1, names.size()));
        }
    }
}
