package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest state of the variable store. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NvramStatus(
        @JsonPropertyDescription("The claim that holds it.") @Nullable
        String claimName,

        @JsonPropertyDescription("Number of the newest committed generation.") @Nullable
        Long generation,

        @JsonPropertyDescription("SHA-256 of the variable store when it was last read at rest, hexadecimal.") @Nullable
        String sha256,

        @JsonPropertyDescription("Number of live variables.") @Nullable
        Integer variables,

        @JsonPropertyDescription("Bytes that live variables take.") @Nullable
        Long bytesUsed,

        @JsonPropertyDescription("Bytes that new variables can take before the firmware has to reclaim space.")
        @Nullable
        Long bytesFree,

        @JsonPropertyDescription("Boot entries in boot order, at most 32.")
        List<BootEntry> bootOrder,

        @JsonPropertyDescription("When the newest generation was committed, RFC 3339.") @Nullable
        String lastCommitTime,

        @JsonPropertyDescription(
                "What the newest start was based on when it was not the newest generation, for example a crashed epoch.")
        @Nullable
        String recovered,

        @JsonPropertyDescription(
                "The generations that are kept, newest first, at most spec.nvram.historyLimit and the newest.")
        List<GenerationStatus> history,

        @JsonPropertyDescription("What came of the newest spec.nvram.request that was carried out or refused.")
        @Nullable
        NvramRequestStatus lastRequest) {
    public static final NvramStatus EMPTY =
            new NvramStatus(null, null, null, null, null, null, List.of(), null, null, List.of(), null);

    public NvramStatus {
        history = history == null ? List.of() : List.copyOf(history);
        bootOrder = bootOrder == null ? List.of() : List.copyOf(bootOrder);
    }

    /** The same with what came of a request. */
    public NvramStatus answering(NvramRequestStatus request) {
        return new NvramStatus(
                claimName,
                generation,
                sha256,
                variables,
                bytesUsed,
                bytesFree,
                bootOrder,
                lastCommitTime,
                recovered,
                history,
                request);
    }
}
