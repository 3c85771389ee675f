package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** What came of the newest request. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NvramRequestStatus(
        @JsonPropertyDescription("The token of the request.")
        String token,

        @JsonPropertyDescription("What was asked for.") NvramAction action,

        @JsonPropertyDescription("Done or Refused.") RequestOutcome outcome,

        @JsonPropertyDescription("What was done, or why not.") @Nullable
        String message,

        @JsonPropertyDescription("The generation that was made.") @Nullable
        Long generation,

        @JsonPropertyDescription("When, RFC 3339.") @Nullable
        String time) {}
