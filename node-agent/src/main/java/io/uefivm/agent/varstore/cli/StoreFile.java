package io.uefivm.agent.varstore.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;

/** Reads and replaces files of variable stores. */
final class StoreFile {
    /** Far more than any store; what is longer is not read. */
    private static final long LIMIT = 64L << 20;

    private StoreFile() {}

    static byte[] read(Path file) throws IOException {
        long length = Files.size(file);
        if (length > LIMIT) {
            throw new IOException(file + " has " + length + " bytes and is no variable store");
        }
        return Files.readAllBytes(file);
    }

    /**
     * Replaces the file as a whole or not at all, whenever the machine stops. Mode and, if allowed, owner stay.
     *
     * <p>A running QEMU keeps the file it opened and does not see this.
     */
    static void write(Path file, byte[] bytes) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(file + " is no file");
        }
        Path temporary = Files.createTempFile(folder, target.getFileName() + ".", ".new");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                if (Files.exists(target)) {
                    copyOwnership(target, temporary);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void copyOwnership(Path from, Path to) throws IOException {
        PosixFileAttributes before =
                Files.getFileAttributeView(from, PosixFileAttributeView.class).readAttributes();
        PosixFileAttributeView after = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        PosixFileAttributes own = after.readAttributes();
        if (!before.owner().equals(own.owner())) {
            after.setOwner(before.owner());
        }
        if (!before.group().equals(own.group())) {
            after.setGroup(before.group());
        }
        after.setPermissions(before.permissions());
    }
}
