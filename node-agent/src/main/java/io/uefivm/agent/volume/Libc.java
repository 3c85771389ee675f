package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The system calls that Java does not offer, with the constants of Linux on x86-64. */
final class Libc {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_EMPTY_PATH = 0x1000;

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NONBLOCK = 04000;
    static final int O_DIRECT = 040000;
    static final int O_DIRECTORY = 0200000;
    static final int O_NOFOLLOW = 0400000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;

    static final long RESOLVE_NO_XDEV = 0x01;
    static final long RESOLVE_NO_MAGICLINKS = 0x02;
    static final long RESOLVE_NO_SYMLINKS = 0x04;
    static final long RESOLVE_BENEATH = 0x08;
    static final long RESOLVE_IN_ROOT = 0x10;

    static final int S_IFMT = 0170000;
    static final int S_IFDIR = 0040000;
    static final int S_IFBLK = 0060000;
    static final int S_IFREG = 0100000;
    static final int S_IFLNK = 0120000;

    static final long MS_BIND = 4096;
    static final int MNT_DETACH = 2;
    static final int UMOUNT_NOFOLLOW = 8;

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int EXDEV = 18;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOTEMPTY = 39;
    static final int ELOOP = 40;
    static final int EDQUOT = 122;

    /** openat2 has no wrapper in glibc; 437 on every architecture. */
    private static final long SYS_OPENAT2 = 437;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int STATX_SIZE = 256;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    /**
     * The part of struct statx (linux/stat.h) that is needed.
     *
     * @param device of the file system it is on, major and minor number in one
     * @param mountRoot whether something is mounted there (Linux 5.8)
     */
    record Stat(int mode, int links, long inode, long size, long device, boolean mountRoot) {}

    static int openat2(int dirfd, String path, int flags, int mode, long resolve) {
        try (Memory how = new Memory(24)) {
            how.setLong(0, Integer.toUnsignedLong(flags | O_CLOEXEC));
            how.setLong(8, mode);
            how.setLong(16, resolve);
            return (int) syscall(SYS_OPENAT2, dirfd, path, how, how.size());
        }
    }

    static Stat stat(int dirfd, String path, int flags) {
        try (Memory buffer = new Memory(STATX_SIZE)) {
            statx(dirfd, path, flags, STATX_BASIC_STATS, buffer);
            return new Stat(
                    Short.toUnsignedInt(buffer.getShort(28)),
                    buffer.getInt(16),
                    buffer.getLong(32),
                    buffer.getLong(40),
                    ((long) buffer.getInt(136) << 32) | Integer.toUnsignedLong(buffer.getInt(140)),
                    (buffer.getLong(8) & STATX_ATTR_MOUNT_ROOT) != 0);
        }
    }

    static native long syscall(long number, long dirfd, String path, Pointer how, long size) throws LastErrorException;

    static native int statx(int dirfd, String path, int flags, int mask, Pointer buffer) throws LastErrorException;

    static native int open(String path, int flags, int mode) throws LastErrorException;

    static native int mkdirat(int dirfd, String path, int mode) throws LastErrorException;

    static native int renameat(int fromDir, String from, int toDir, String to) throws LastErrorException;

    static native int unlinkat(int dirfd, String path, int flags) throws LastErrorException;

    static native int fchmod(int fd, int mode) throws LastErrorException;

    static native int fchownat(int dirfd, String path, int uid, int gid, int flags) throws LastErrorException;

    static native int fsync(int fd) throws LastErrorException;

    static native long read(int fd, byte[] buffer, long count) throws LastErrorException;

    static native long write(int fd, Pointer buffer, long count) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;

    static native int mount(String source, String target, String type, long flags, @Nullable Pointer data)
            throws LastErrorException;

    static native int umount2(String target, int flags) throws LastErrorException;
}
