package io.uefivm.agent.nvram;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a VM keeps from one start to the next: its variable store and the files of its TPM. They are one state; one is
 * never combined with the other's from another time.
 */
final class Content {
    /** The header that swtpm puts before its state: version, smallest version, header size, flags, total length. */
    private static final int TPM_HEADER = 10;

    private static final int TPM_TOTAL_LENGTH = 6;

    private final byte[] vars;
    private final SortedMap<String, byte[]> tpm;

    Content(byte[] vars, Map<String, byte[]> tpm) {
        this.vars = vars;
        this.tpm = Collections.unmodifiableSortedMap(new TreeMap<>(tpm));
    }

    byte[] vars() {
        return vars;
    }

    /** By file name; empty when the VM has no TPM or it never ran. */
    SortedMap<String, byte[]> tpm() {
        return tpm;
    }

    Content withVars(byte[] other) {
        return new Content(other, tpm);
    }

    String varsSha256() {
        return hex(sha256().digest(vars));
    }

    /** Over names, lengths and bytes of the TPM's files; empty without any. */
    Optional<String> tpmSha256() {
        if (tpm.isEmpty()) {
            return Optional.empty();
        }
        MessageDigest digest = sha256();
        tpm.forEach((name, bytes) -> {
            digest.update(name.getBytes(StandardCharsets.US_ASCII));
            digest.update(ByteBuffer.allocate(5).putInt(1, bytes.length).array());
            digest.update(bytes);
        });
        return Optional.of(hex(digest.digest()));
    }

    /** What is wrong with the TPM's files, if anything: swtpm would refuse to start from a torn one. */
    Optional<String> tpmDefect() {
        for (Map.Entry<String, byte[]> file : tpm.entrySet()) {
            byte[] bytes = file.getValue();
            if (bytes.length < TPM_HEADER) {
                return Optional.of("the TPM state " + file.getKey() + " has only " + bytes.length + " bytes");
            }
            long length = Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(TPM_TOTAL_LENGTH));
            if (length != bytes.length) {
                return Optional.of("the TPM state " + file.getKey() + " has " + bytes.length
                        + " bytes and says that it has " + length);
            }
        }
        return Optional.empty();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
