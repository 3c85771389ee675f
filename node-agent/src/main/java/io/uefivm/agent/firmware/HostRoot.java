package io.uefivm.agent.firmware;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The host's file system as this process sees it, {@code /} itself or a directory of a container. Links on the host
 * (Debian's OVMF_CODE_4M.ms.fd is one, and whole directories can be) point to paths of the host: left to the kernel,
 * they would be followed in the container.
 */
final class HostRoot {
    /** As many as Linux follows. */
    private static final int MOST_LINKS = 40;

    private final Path root;

    HostRoot(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * Where a path of the host is seen, with every link followed below the root. {@code ..} stays below it, as it does
     * in {@code /}.
     *
     * @throws NoSuchFileException when it, or what a link points to, is not there; it names the path of the host
     * @throws IOException when links go round in circles
     */
    Path resolve(String path) throws IOException {
        Deque<Path> todo = new ArrayDeque<>();
        push(todo, Path.of(path));
        Path current = root;
        int links = 0;
        while (!todo.isEmpty()) {
            Path name = todo.pop();
            if (name.toString().equals("..")) {
                Path parent = current.getParent();
                current = current.equals(root) || parent == null ? root : parent;
                continue;
            }
            Path next = current.resolve(name).normalize();
            if (Files.isSymbolicLink(next)) {
                if (++links > MOST_LINKS) {
                    throw new IOException(path + " is a chain of more than " + MOST_LINKS + " links");
                }
                Path target = Files.readSymbolicLink(next);
                current = target.isAbsolute() ? root : current;
                push(todo, target);
            } else if (Files.exists(next)) {
                current = next;
            } else {
                throw new NoSuchFileException(path);
            }
        }
        return current;
    }

    private static void push(Deque<Path> todo, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            todo.push(path.getName(i));
        }
    }
}
