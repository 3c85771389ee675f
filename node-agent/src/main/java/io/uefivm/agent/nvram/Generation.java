package io.uefivm.agent.nvram;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A committed state of NVRAM and TPM.
 *
 * @param number counts the commits of a VM, from 1
 * @param epoch the epoch that wrote it, or the one before that which a request was carried out for; 0 for the store that
 *     the first one started from
 * @param sha256 of the variable store, hexadecimal
 * @param size bytes of the variable store
 * @param codeDigest digest of the firmware code it was used with
 * @param committedAt RFC 3339
 * @param basis how it came to be
 * @param base number of the generation that its epoch started from; null for a new store
 * @param tpmSha256 over the TPM's files, hexadecimal; null without any
 * @param repair what was done to the bytes before they were committed; null for nothing
 * @param asked the requests that were carried out so far, newest first
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
        @Nullable String repair,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Asked> asked) {

    public Generation {
        // The manifests of earlier versions have none.
        asked = asked == null ? List.of() : List.copyOf(asked);
    }

    /** How a generation came to be. */
    public enum Basis {
        /** The store that a new VM starts from. */
        Created,
        /** Its domain ended, and the agent that ran it committed the state. */
        Ended,
        /** Nobody saw its domain end: a later start found the files, and they were good. */
        Crashed,
        /** A request made it. */
        Requested
    }

    GenerationName name() {
        return new GenerationName(number, epoch);
    }

    boolean holds(Content content) {
        return sha256.equals(content.varsSha256())
                && Objects.equals(tpmSha256, content.tpmSha256().orElse(null));
    }
}
