package io.uefivm.agent.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Digests of files, computed once for each version of a file: firmware is several MiB, looked at for each start of a
 * VM, and changes with an upgrade of a package.
 */
final class Digests {
    /** A file is either replaced or written when its content changes; one of these changes with it. */
    private static final String STAMP = "unix:ino,size,lastModifiedTime,ctime";

    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    private record Known(Map<String, Object> stamp, String digest) {}

    /** SHA-256 as {@code sha256:} and lower-case hexadecimal. */
    String of(Path file) throws IOException {
        Map<String, Object> stamp = Files.readAttributes(file, STAMP);
        Known before = known.get(file);
        if (before != null && before.stamp().equals(stamp)) {
            return before.digest();
        }
        String digest = sha256(file);
        known.put(file, new Known(stamp, digest));
        return digest;
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
