package io.uefivm.agent.volume;

import java.io.Closeable;
import java.util.List;
import java.util.Optional;

/**
 * A directory that was opened once; everything in it is reached from there, by one name at a time. The boundary to the
 * file system: each method is about one system call, so that a test can interrupt whatever is built on it between any
 * two of them.
 *
 * <p>A name is one path component. Every method throws {@link PathException}; links are never followed, a link or any
 * other surprise is {@link PathException.Kind#UNSAFE}.
 */
public interface Directory extends Closeable {

    /** What an entry is, itself and not what it may point to. */
    enum EntryKind {
        FILE,
        DIRECTORY,
        LINK,
        BLOCK_DEVICE,
        OTHER
    }

    /** @param size in bytes, of a file */
    record Entry(EntryKind kind, long size) {}

    /** Where it is, for messages. */
    String path();

    /** All entries but {@code .} and {@code ..}, in no order. */
    List<String> names() throws PathException;

    Optional<Entry> entry(String name) throws PathException;

    Directory open(String name) throws PathException;

    /** Makes a directory with mode 0700. It is durable once this directory is {@link #sync() synced}. */
    void make(String name) throws PathException;

    /** @param limit most bytes that are read; a longer file is {@link PathException.Kind#UNSAFE} */
    byte[] read(String name, int limit) throws PathException;

    /** Makes a file with mode 0600 and this content. It must not exist. Nothing is durable yet. */
    void write(String name, byte[] content) throws PathException;

    /** Makes the content of a file durable, whoever wrote it. */
    void syncFile(String name) throws PathException;

    /** Makes the entries of this directory durable. */
    void sync() throws PathException;

    /** Renames within this directory, replacing a file of that name. */
    default void rename(String from, String to) throws PathException {
        move(from, this, to);
    }

    /** Renames into another directory of the same file system. */
    void move(String from, Directory to, String name) throws PathException;

    void unlink(String name) throws PathException;

    /** Removes an empty directory. */
    void removeDirectory(String name) throws PathException;

    /** Bytes that can still be written to this file system. */
    long usableBytes() throws PathException;

    @Override
    void close();

    /** Opens a directory, making it durably first when it is missing. */
    default Directory openOrMake(String name) throws PathException {
        if (entry(name).isEmpty()) {
            try {
                make(name);
            } catch (PathException e) {
                if (e.kind() != PathException.Kind.EXISTS) {
                    throw e;
                }
            }
            sync();
        }
        return open(name);
    }

    /** Makes or replaces a file in one step that is durable when this returns. */
    default void replace(String name, byte[] content) throws PathException {
        String temporary = "." + name + ".tmp";
        if (entry(temporary).isPresent()) {
            unlink(temporary);
        }
        write(temporary, content);
        syncFile(temporary);
        rename(temporary, name);
        sync();
    }

    /**
     * Removes an entry and, when it is a directory, everything below it.
     *
     * @param depth levels of directories that may be below; more is {@link PathException.Kind#UNSAFE}
     */
    default void removeTree(String name, int depth) throws PathException {
        Optional<Entry> entry = entry(name);
        if (entry.isEmpty()) {
            return;
        }
        if (entry.get().kind() != EntryKind.DIRECTORY) {
            unlink(name);
            return;
        }
        if (depth < 0) {
            throw new PathException(
                    PathException.Kind.UNSAFE, path() + "/" + name, "holds directories that do not belong there");
        }
        try (Directory below = open(name)) {
            for (String child : below.names()) {
                below.removeTree(child, depth - 1);
            }
        }
        removeDirectory(name);
    }
}
