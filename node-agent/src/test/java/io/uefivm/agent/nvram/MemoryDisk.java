package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PathException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file system that can lose power, and promises no more than POSIX does: a directory that was not synced may have lost
 * its newest changes while others kept theirs, only a rename between two directories is lost in both or in neither. The
 * content of a file that was not synced is lost, kept or torn.
 */
final class MemoryDisk {
    /** What a power loss makes of content that was not synced. */
    enum Unsynced {
        LOST,
        KEPT,
        TORN
    }

    /** Thrown at the step that is interrupted; what is above must not catch it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static final class FileBytes {
        byte[] current = new byte[0];
        byte[] durable = new byte[0];
    }

    /** Content of all directories after a change. */
    private record Change(Map<Integer, Map<String, Integer>> directories, Set<Integer> touched) {}

    private static final int ROOT = 0;

    private final Map<Integer, FileBytes> files = new HashMap<>();
    private final List<Change> journal = new ArrayList<>();
    private Map<Integer, Map<String, Integer>> directories = new HashMap<>();
    /** By directory, the newest change of it that is durable. */
    private final Map<Integer, Integer> durable = new HashMap<>();

    private int nextNode = 1;
    private int steps;
    private int killAt = Integer.MAX_VALUE;
    private int failAt = Integer.MAX_VALUE;
    private Kind failWith = Kind.FAILED;
    private long capacity = Long.MAX_VALUE;

    MemoryDisk() {
        directories.put(ROOT, Map.of());
        journal.add(new Change(directories, Set.of(ROOT)));
    }

    Directory root() {
        return new Node(ROOT, "claim");
    }

    int steps() {
        return steps;
    }

    /** Ends the process before its n-th step from now, counted from 1. */
    void killAt(int step) {
        steps = 0;
        killAt = step;
    }

    /** Lets the n-th step from now fail. */
    void failAt(int step, Kind kind) {
        steps = 0;
        failAt = step;
        failWith = kind;
    }

    void healthy() {
        killAt = Integer.MAX_VALUE;
        failAt = Integer.MAX_VALUE;
    }

    void capacity(long bytes) {
        capacity = bytes;
    }

    long used() {
        return directories.values().stream()
                .flatMap(d -> d.values().stream())
                .map(files::get)
                .filter(f -> f != null)
                .mapToLong(f -> f.current.length)
                .sum();
    }

    /** How many different outcomes a power loss could have now: nothing lost, all, or what one directory lost. */
    int cuts() {
        return unsynced().size() + 2;
    }

    /** Directories with changes that are not durable. */
    private List<Integer> unsynced() {
        return directories.keySet().stream()
                .filter(d -> newestChange(d) > durable.getOrDefault(d, 0))
                .sorted()
                .toList();
    }

    private int newestChange(int directory) {
        for (int i = journal.size() - 1; i > 0; i--) {
            if (journal.get(i).touched().contains(directory)) {
                return i;
            }
        }
        return 0;
    }

    /**
     * What is there after a power loss.
     *
     * @param cut which outcome, below {@link #cuts()}; 0 for no lost change
     */
    MemoryDisk afterPowerLoss(int cut, Unsynced unsynced) {
        List<Integer> losing = unsynced();
        MemoryDisk disk = new MemoryDisk();
        disk.directories = surviving(cut == 0 ? List.of() : cut == 1 ? losing : List.of(losing.get(cut - 2)));
        disk.journal.set(0, new Change(disk.directories, Set.of()));
        disk.nextNode = nextNode;
        files.forEach((id, bytes) -> {
            FileBytes survived = new FileBytes();
            survived.durable = switch (unsynced) {
                case LOST -> bytes.durable;
                case KEPT -> bytes.current;
                case TORN -> torn(bytes);
            };
            survived.current = survived.durable;
            disk.files.put(id, survived);
        });
        return disk;
    }

    private Map<Integer, Map<String, Integer>> surviving(List<Integer> losing) {
        Map<Integer, Integer> kept = new HashMap<>();
        directories.keySet().forEach(d -> kept.put(d, journal.size() - 1));
        losing.forEach(d -> kept.put(d, durable.getOrDefault(d, 0)));
        boolean settled = false;
        while (!settled) {
            settled = true;
            for (int i = 1; i < journal.size(); i++) {
                int change = i;
                Set<Integer> touched = journal.get(i).touched();
                if (touched.stream().anyMatch(d -> kept.get(d) < change)
                        && touched.stream().anyMatch(d -> kept.get(d) >= change)) {
                    touched.forEach(d -> kept.merge(d, change - 1, Math::min));
                    settled = false;
                }
            }
        }
        Map<Integer, Map<String, Integer>> survived = new HashMap<>();
        kept.forEach((directory, change) ->
                survived.put(directory, journal.get(change).directories().getOrDefault(directory, Map.of())));
        return survived;
    }

    /** What is there after only the process was killed. */
    MemoryDisk afterKill() {
        return afterPowerLoss(0, Unsynced.KEPT);
    }

    private static byte[] torn(FileBytes bytes) {
        if (Arrays.equals(bytes.current, bytes.durable)) {
            return bytes.durable;
        }
        byte[] torn = Arrays.copyOf(bytes.durable, Math.max(bytes.durable.length, bytes.current.length / 2));
        System.arraycopy(bytes.current, 0, torn, 0, bytes.current.length / 2);
        return torn;
    }

    private void step(String path) throws PathException {
        steps++;
        if (steps == killAt) {
            throw new Killed();
        }
        if (steps == failAt) {
            throw new PathException(failWith, path, "injected");
        }
    }

    private void change(Map<Integer, Map<String, Integer>> changed) {
        Map<Integer, Map<String, Integer>> next = new HashMap<>(directories);
        changed.forEach(next::put);
        directories = next;
        journal.add(new Change(next, changed.keySet()));
    }

    private final class Node implements Directory {
        private final int id;
        private final String path;

        Node(int id, String path) {
            this.id = id;
            this.path = path;
        }

        private Map<String, Integer> entries() throws PathException {
            Map<String, Integer> entries = directories.get(id);
            if (entries == null) {
                throw new PathException(Kind.MISSING, path, "does not exist");
            }
            return entries;
        }

        private int child(String name) throws PathException {
            Integer child = entries().get(name);
            if (child == null) {
                throw new PathException(Kind.MISSING, path + "/" + name, "does not exist");
            }
            return child;
        }

        private FileBytes file(String name) throws PathException {
            FileBytes file = files.get(child(name));
            if (file == null) {
                throw new PathException(Kind.UNSAFE, path + "/" + name, "is a directory");
            }
            return file;
        }

        private Map<String, Integer> with(Map<String, Integer> entries, String name, @Nullable Integer node) {
            Map<String, Integer> changed = new TreeMap<>(entries);
            if (node == null) {
                changed.remove(name);
            } else {
                changed.put(name, node);
            }
            return changed;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public List<String> names() throws PathException {
            step(path);
            return List.copyOf(entries().keySet());
        }

        @Override
        public Optional<Entry> entry(String name) throws PathException {
            step(path);
            Integer child = entries().get(name);
            if (child == null) {
                return Optional.empty();
            }
            FileBytes file = files.get(child);
            return Optional.of(
                    file == null ? new Entry(EntryKind.DIRECTORY, 0) : new Entry(EntryKind.FILE, file.current.length));
        }

        @Override
        public Directory open(String name) throws PathException {
            step(path);
            return new Node(child(name), path + "/" + name);
        }

        @Override
        public void make(String name) throws PathException {
            step(path);
            int node = nextNode++;
            // A new directory is empty from the start; whether it has a name is up to this one.
            directories.put(node, Map.of());
            change(Map.of(id, with(entries(), name, node)));
        }

        @Override
        public byte[] read(String name, int limit) throws PathException {
            step(path);
            return file(name).current.clone();
        }

        @Override
        public void write(String name, byte[] content) throws PathException {
            step(path);
            if (entries().containsKey(name)) {
                throw new PathException(Kind.EXISTS, path + "/" + name, "exists already");
            }
            FileBytes file = new FileBytes();
            int node = nextNode++;
            files.put(node, file);
            change(Map.of(id, with(entries(), name, node)));
            step(path);
            file.current = Arrays.copyOf(content, content.length / 2);
            step(path);
            if (used() + content.length > capacity) {
                throw new PathException(Kind.NO_SPACE, path + "/" + name, "no space left");
            }
            file.current = content.clone();
        }

        @Override
        public void syncFile(String name) throws PathException {
            step(path);
            FileBytes file = file(name);
            file.durable = file.current;
        }

        @Override
        public void sync() throws PathException {
            step(path);
            durable.put(id, newestChange(id));
        }

        @Override
        public void move(String from, Directory to, String name) throws PathException {
            step(path);
            Node target = (Node) to;
            int node = child(from);
            Integer replaced = target.entries().get(name);
            if (replaced != null && !files.containsKey(replaced)) {
                throw new PathException(Kind.NOT_EMPTY, target.path + "/" + name, "is a directory");
            }
            if (target.id == id) {
                change(Map.of(id, with(with(entries(), from, null), name, node)));
            } else {
                change(Map.of(id, with(entries(), from, null), target.id, with(target.entries(), name, node)));
            }
        }

        @Override
        public void unlink(String name) throws PathException {
            step(path);
            file(name);
            change(Map.of(id, with(entries(), name, null)));
        }

        @Override
        public void removeDirectory(String name) throws PathException {
            step(path);
            int child = child(name);
            if (!directories.getOrDefault(child, Map.of()).isEmpty()) {
                throw new PathException(Kind.NOT_EMPTY, path + "/" + name, "is not empty");
            }
            change(Map.of(id, with(entries(), name, null)));
        }

        @Override
        public long usableBytes() {
            return capacity - used();
        }

        @Override
        public void close() {}
    }

    /** Writes as a running QEMU or swtpm does: in place, nothing synced. */
    void overwrite(byte[] content, String... path) {
        try {
            Map<String, Integer> entries = Map.of("", ROOT);
            int node = ROOT;
            for (int i = 0; i < path.length; i++) {
                entries = directories.getOrDefault(node, Map.of());
                if (i == path.length - 1 && !entries.containsKey(path[i])) {
                    Node parent = new Node(node, "domain");
                    parent.write(path[i], content);
                    return;
                }
                node = parentEntry(entries, path[i]);
            }
            FileBytes file = files.get(node);
            if (file == null) {
                throw new AssertionError("not a file: " + Arrays.toString(path));
            }
            file.current = content.clone();
        } catch (PathException e) {
            throw new AssertionError(e);
        }
    }

    private static int parentEntry(Map<String, Integer> entries, String name) {
        Integer node = entries.get(name);
        if (node == null) {
            throw new AssertionError("no " + name);
        }
        return node;
    }

    /** Everything that was synced so far counts as old. */
    void syncAll() {
        files.values().forEach(f -> f.durable = f.current);
        directories.keySet().forEach(d -> durable.put(d, newestChange(d)));
    }
}
