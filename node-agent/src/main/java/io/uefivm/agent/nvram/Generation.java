package io.uefivm.agent.nvram;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A committed state of NVRAM and TPM.
 *
 * @param number counts the commits of a VM, from 1
 * @param epoch the epoch that wrote it; 0 for the store that the first one started from
 * @param sha256 of the variable store, hexadecimal
 * @param size bytes of the variable store
 * @param codeDigest digest of the firmware code it was used with
 * @param committedAt RFC 3339
 * @param basis how it came to be
 * @param base number of the generation that its epoch started from; null for a new store
 * @param tpmSha256 over the TPM's files, hexadecimal; null without any
 * @param repair what was done to the bytes before they were committed; null for nothing
 */
public record Generation(
        long number,
        long epoch,
        String sha256,
        int size,
        String codeDigest,
        String committedAt,
        Basis basis,
        @Nullable Long base,
        @Nullable String tpmSha256,
        @Nullable String repair) {

    /** How a generation came to be. */
    public enum Basis {
        /** The store that a new VM starts from. */
        Created,
        /** Its domain ended, and the agent that ran it committed the state. */
        Ended,
        /** Nobody saw its domain end: a later start found the files, and they were good. */
        Crashed
    }

    GenerationName name() {
        return new GenerationName(number, epoch);
    }

    boolean holds(Content content) {
        return sha256.equals(content.varsSha256())
                && Objects.equals(tpmSha256, content.tpmSha256().orElse(null));
    }
}
