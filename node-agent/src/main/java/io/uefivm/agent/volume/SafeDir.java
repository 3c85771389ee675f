package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A directory of this machine, by its descriptor. Each step is an openat2(2) that resolves one name beneath it and no
 * link, so that whoever renames or replaces entries meanwhile changes nothing about what is opened.
 */
public final class SafeDir implements Directory {
    private static final long BENEATH = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_MAGICLINKS;

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
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd/" + fd))) {
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
        return openDirectory(fd, component(name), path(name), BENEATH);
    }

    /** Holds an entry open, whatever it is but a link. */
    public Opened pin(String name) throws PathException {
        return Opened.at(fd, component(name), path(name), BENEATH);
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
            int in = Libc.open(file.procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            try {
                return readAll(in, (int) file.size());
            } finally {
                Libc.close(in);
            }
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    private static byte[] readAll(int in, int size) {
        byte[] content = new byte[size];
        byte[] chunk = new byte[Math.max(1, Math.min(size, 1 << 16))];
        int length = 0;
        while (length < size) {
            int count = (int) Libc.read(in, chunk, Math.min(chunk.length, size - length));
            if (count == 0) {
                return Arrays.copyOf(content, length);
            }
            System.arraycopy(chunk, 0, content, length, count);
            length += count;
        }
        return content;
    }

    @Override
    public void write(String name, byte[] content) throws PathException {
        create(name, content, 0600);
    }

    void create(String name, byte[] content, int mode) throws PathException {
        try {
            int out = Libc.openat2(fd, component(name), Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL, mode, BENEATH);
            try {
                writeAll(out, content);
            } finally {
                Libc.close(out);
            }
        } catch (LastErrorException e) {
            throw Errors.of(e, path(name));
        }
    }

    private static void writeAll(int out, byte[] content) {
        if (content.length == 0) {
            return;
        }
        try (Memory buffer = new Memory(content.length)) {
            buffer.write(0, content, 0, content.length);
            long written = 0;
            while (written < content.length) {
                written += Libc.write(out, buffer.share(written), content.length - written);
            }
        }
    }

    @Override
    public void syncFile(String name) throws PathException {
        try (Opened file = pin(name).requireFile()) {
            int in = Libc.open(file.procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            try {
                Libc.fsync(in);
            } finally {
                Libc.close(in);
            }
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
        return new File("/proc/self/fd/" + fd).getUsableSpace();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
