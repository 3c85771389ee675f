package io.uefivm.agent.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The serial number of a disk: its name, so that the guest finds it as {@code /dev/disk/by-id/virtio-<name>}. */
final class DiskSerial {
    /** virtio-blk and ATA have room for 20 bytes, and cut off the rest, which could make two disks look alike. */
    private static final int MAX_LENGTH = 20;

    private static final int DIGEST_BYTES = 4;

    private DiskSerial() {}

    /** The name, or the beginning of a longer one with eight digits of its SHA-256. */
    static String of(String diskName) {
        if (diskName.length() <= MAX_LENGTH) {
            return diskName;
        }
        String digest = HexFormat.of().formatHex(sha256(diskName), 0, DIGEST_BYTES);
        return diskName.substring(0, MAX_LENGTH - digest.length() - 1) + "-" + digest;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
