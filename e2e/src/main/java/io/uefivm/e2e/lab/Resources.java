package io.uefivm.e2e.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The scripts of this package, as files. */
final class Resources {
    private Resources() {}

    /** Copies one into a directory, executable. */
    static Path copy(String name, Path directory) throws IOException {
        Path target = directory.resolve(Path.of(name).getFileName());
        try (InputStream in = LibvirtHost.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no resource " + name);
            }
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
        if (!target.toFile().setExecutable(true)) {
            throw new IOException("cannot make executable: " + target);
        }
        return target;
    }

    static byte[] read(String name) throws IOException {
        try (InputStream in = LibvirtHost.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no resource " + name);
            }
            return in.readAllBytes();
        }
    }
}
