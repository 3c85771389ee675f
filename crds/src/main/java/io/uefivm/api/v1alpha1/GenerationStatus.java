package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** A generation of the variable store that is kept in the claim. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GenerationStatus(
        @JsonPropertyDescription("Its number, for nvram.request.generation.")
        Long generation,

        @JsonPropertyDescription("SHA-256 of the store, hexadecimal.")
        String sha256,

        @JsonPropertyDescription("Bytes that it takes in the claim.") @Nullable
        Long bytes,

        @JsonPropertyDescription("Where it came from: Initial, Committed, Crashed or Requested.") @Nullable
        String basis,

        @JsonPropertyDescription("The epoch that left it.") @Nullable
        Long epoch,

        @JsonPropertyDescription("Digest of the firmware code that wrote it.") @Nullable
        String firmwareDigest,

        @JsonPropertyDescription("When it was committed, RFC 3339.") @Nullable
        String committedAt) {}
