package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory of this machine, by its descriptor. Each step is an openat2(2) that resolves one name beneath it and no
 * link, so that whoever renames or replaces entries meanwhile changes nothing about what is opened.
 */
public final class SafeDir implements Directory {
    private static final long BENEATH = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_MAGICLINKS;

    /** Nothing is mounted within a claim or within what the agent owns, but what must not be touched through it. */
    private static final long SAME_MOUNT = BENEATH | Libc.RESOLVE_NO_XDEV;

    private final int fd;
    private final String path;
    private boolean closed;

    private SafeDir(int fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    /** Opens a directory whose whole path only root can change: links in it are followed. */
    public static SafeDir trusted(Path directory) throws PathException {
        return openDirectory(Libc.AT_FDCWD, directory.toString(), directory.toString(), 0);
    }

    /**
     * Opens an absolute path below this directory as if this were the root of the file system: links are followed, and
     * stay within.
     */
    SafeDir openInRoot(Path directory) throws PathException {
        return openDirectory(fd, directory.toString(), directory.toString(), inRoot());
    }

    /** Like {@link #openInRoot} for a file or device. */
    Opened pinInRoot(Path file) throws PathException {
        return Opened.at(fd, file.toString(), file.toString(), inRoot());
    }

    private static long inRoot() {
        return Libc.RESOLVE_IN_ROOT | Libc.RESOLVE_NO_MAGICLINKS;
    }

    private static SafeDir openDirectory(int dirfd, String name, String path, long resolve) throws PathException {
        try {
            return new SafeDir(Libc.openat2(dirfd, name, Libc.O_RDONLY | Libc.O_DIRECTORY, 0, resolve), path);
        } catch (LastErrorException e) {
            throw Errors.of(e, path);
        }
    }

    @Override
    public String path() {
        return path;
    }

    private String path(String name) {
        return path + "/" + name;
    }

    private static String component(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("not a name: \"" + name + "\"");
        }
        return name;
    }

    @Override
    public List<String> names() throws PathException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(procPath()))) {
            entries.forEach(e -> names.add(String.valueOf(e.getFileName())));
        } catch (IOException | DirectoryIteratorException e) {
            throw new PathException(PathException.Kind.FAILED, path, "cannot be listed: " + e.getMessage());
        }
        return names;
    }

    @Override
    public Optional<Entry> entry(String name) throws PathException {
        try {
            Libc.Stat stat = Libc.stat(fd, component(name), Libc.AT_SYMLINK_NOFOLLOW);
            return Optional.of(new Entry(Opened.kind(stat), stat.size()));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Libc.ENOENT) {
                return Optional.empty();
            }
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public SafeDir open(String name) throws PathException {
        return openDirectory(fd, component(name), path(name), SAME_MOUNT);
    }

    /** Opens a directory on which something may be mounted. */
    SafeDir openMount(String name) throws PathException {
        return openDirectory(fd, component(name), path(name), BENEATH);
    }

    /** Holds an entry open, whatever it is but a link. */
    public Opened pin(String name) throws PathException {
        return Opened.at(fd, component(name), path(name), SAME_MOUNT);
    }

    /** Holds this directory open as something that can be bound. */
    public Opened pin() throws PathException {
        return Opened.at(Libc.AT_FDCWD, procPath(), path, 0);
    }

    /** Holds open what is at the end of these names, one for each step from here. */
    public Opened pin(List<String> names) throws PathException {
        if (names.size() == 1) {
            return pin(names.get(0));
        }
        try (SafeDir next = open(names.get(0))) {
            return next.pin(names.subList(1, names.size()));
        }
    }

    /** Where a link of root's leads, or the entry itself; empty when there is no such entry. */
    Optional<Path> linkTarget(String name) throws PathException {
        Optional<Entry> entry = entry(name);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        Path here = Path.of(path(name));
        if (entry.get().kind() != EntryKind.LINK) {
            return Optional.of(here);
        }
        try {
            return Optional.of(here.resolveSibling(Files.readSymbolicLink(Path.of(procPath(), name))));
        } catch (IOException e) {
            throw new PathException(PathException.Kind.FAILED, path(name), "cannot be read: " + e.getMessage());
        }
    }

    private String procPath() {
        return "/proc/self/fd/" + fd;
    }

    /** Whether a file system is mounted here, rather than this being a directory of the one above. */
    boolean isMountRoot() throws PathException {
        try {
            return Libc.stat(fd, "", Libc.AT_EMPTY_PATH).mountRoot();
        } catch (LastErrorException e) {
            throw Errors.of(e, path);
        }
    }

    /** Opens a directory with this mode, whatever the umask, making it when it is missing. */
    SafeDir openOrMake(String name, int mode) throws PathException {
        if (entry(name).isEmpty()) {
            make(name, mode);
        }
        SafeDir made = open(name);
        try {
            Libc.fchmod(made.fd, mode);
        } catch (LastErrorException e) {
            made.close();
            throw Errors.of(e, path(name));
        }
        return made;
    }

    @Override
    public void make(String name) throws PathException {
        make(name, 0700);
    }

    void make(String name, int mode) throws PathException {
        try {
            Libc.mkdirat(fd, component(name), mode);
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public byte[] read(String name, int limit) throws PathException {
        try (Opened file = pin(name).requireFile()) {
            if (file.size() > limit) {
                throw new PathException(
                        PathException.Kind.UNSAFE,
                        path(name),
                        "has " + file.size() + " bytes, more than the " + limit + " that can be right");
            }
            return FileContent.read(file);
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public void write(String name, byte[] content) throws PathException {
        create(name, content, 0600);
    }

    void create(String name, byte[] content, int mode) throws PathException {
        try {
            int out = Libc.openat2(fd, component(name), Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL, mode, BENEATH);
            try {
                FileContent.write(out, content);
            } finally {
                Libc.close(out);
            }
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public void syncFile(String name) throws PathException {
        try (Opened file = pin(name).requireFile()) {
            FileContent.sync(file);
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public void sync() throws PathException {
        try {
            Libc.fsync(fd);
        } catch (LastErrorException e) {
            throw Errors.of(e, path);
        }
    }

    @Override
    public void move(String from, Directory to, String name) throws PathException {
        if (!(to instanceof SafeDir target)) {
            throw new IllegalArgumentException("not a directory of this machine: " + to.path());
        }
        try {
            Libc.renameat(fd, component(from), target.fd, component(name));
        } catch (LastErrorException e) {
            throw Errors.of(e, path(from));
        }
    }

    @Override
    public void unlink(String name) throws PathException {
        unlink(name, 0);
    }

    @Override
    public void removeDirectory(String name) throws PathException {
        unlink(name, Libc.AT_REMOVEDIR);
    }

    private void unlink(String name, int flags) throws PathException {
        try {
            Libc.unlinkat(fd, component(name), flags);
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    @Override
    public long usableBytes() {
        return new File(procPath()).getUsableSpace();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
