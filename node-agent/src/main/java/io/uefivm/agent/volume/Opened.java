package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;
import java.io.Closeable;
import java.util.Optional;

/**
 * One file, directory or device, held open (O_PATH) so that it stays the same thing whatever happens to its name. What
 * is checked on it and what is bound from it is one and the same.
 */
public final class Opened implements Closeable {
    private final int fd;
    private final String path;
    private final Libc.Stat stat;
    private boolean closed;

    private Opened(int fd, String path) throws PathException {
        this.fd = fd;
        this.path = path;
        try {
            this.stat = Libc.stat(fd, "", Libc.AT_EMPTY_PATH);
        } catch (LastErrorException e) {
            Libc.close(fd);
            throw Errors.of(e, path);
        }
    }

    /** @param resolve RESOLVE_ flags of openat2 */
    static Opened at(int dirfd, String name, String path, long resolve) throws PathException {
        try {
            return new Opened(Libc.openat2(dirfd, name, Libc.O_PATH, 0, resolve), path);
        } catch (LastErrorException e) {
            throw Errors.of(e, path);
        }
    }

    /** Where it was found, for messages. */
    public String path() {
        return path;
    }

    public Directory.EntryKind kind() {
        return kind(stat);
    }

    static Directory.EntryKind kind(Libc.Stat stat) {
        return switch (stat.mode() & Libc.S_IFMT) {
            case Libc.S_IFREG -> Directory.EntryKind.FILE;
            case Libc.S_IFDIR -> Directory.EntryKind.DIRECTORY;
            case Libc.S_IFLNK -> Directory.EntryKind.LINK;
            case Libc.S_IFBLK -> Directory.EntryKind.BLOCK_DEVICE;
            default -> Directory.EntryKind.OTHER;
        };
    }

    /** Bytes, of a file. */
    public long size() {
        return stat.size();
    }

    /**
     * Refuses what is no qcow2 image, and one that would have QEMU open another file as well; what is refused is closed.
     */
    public Opened requireStandaloneQcow2() throws PathException {
        try {
            Optional<String> refusal = Qcow2Header.refusal(FileContent.head(this, Qcow2Header.BYTES));
            if (refusal.isPresent()) {
                throw refused(refusal.get()
                        + ", but the disk's format is qcow2; convert it to a qcow2 image that stands alone");
            }
            return this;
        } catch (LastErrorException e) {
            close();
            throw Errors.of(e, path);
        }
    }

    /** Refuses everything but a regular file with no further name; what is refused is closed. */
    public Opened requireFile() throws PathException {
        if (kind() != Directory.EntryKind.FILE) {
            throw refused("is not a regular file");
        }
        if (stat.links() > 1) {
            throw refused("has " + stat.links() + " names (hard links); put a copy in its place");
        }
        return this;
    }

    /** Refuses everything but a directory; what is refused is closed. */
    public Opened requireDirectory() throws PathException {
        if (kind() != Directory.EntryKind.DIRECTORY) {
            throw refused("is not a directory");
        }
        return this;
    }

    /** Refuses everything but a block device; what is refused is closed. */
    public Opened requireBlockDevice() throws PathException {
        if (kind() != Directory.EntryKind.BLOCK_DEVICE) {
            throw refused("is not a block device");
        }
        return this;
    }

    private PathException refused(String why) {
        close();
        return new PathException(PathException.Kind.UNSAFE, path, why);
    }

    /** Whether its file system does I/O past the page cache (O_DIRECT): others refuse to open a file for that. */
    public boolean takesDirectIo() throws PathException {
        try {
            Libc.close(Libc.open(procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_DIRECT, 0));
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Libc.EINVAL) {
                return false;
            }
            throw Errors.of(e, path);
        }
    }

    /** Makes a user its owner. */
    public void give(int uid, int gid) throws PathException {
        try {
            Libc.fchownat(fd, "", uid, gid, Libc.AT_EMPTY_PATH);
        } catch (LastErrorException e) {
            throw Errors.of(e, path);
        }
    }

    /** A path that leads to exactly this, as long as it is open. */
    public String procPath() {
        return "/proc/self/fd/" + fd;
    }

    /** Whether both are the same inode of the same file system. */
    boolean isSameAs(Libc.Stat other) {
        return stat.inode() == other.inode() && stat.device() == other.device();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }

    @Override
    public String toString() {
        return path;
    }
}
