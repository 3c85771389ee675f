package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** One X.509 certificate in the variable store. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Certificate(
        @JsonPropertyDescription("PK, KEK, db or dbx.") String variable,
        @JsonPropertyDescription("Subject, RFC 2253.") String subject,

        @JsonPropertyDescription("SHA-256 of the DER encoding, hexadecimal.")
        String sha256,

        @JsonPropertyDescription("End of validity, RFC 3339. Firmware does not check it for binaries signed before.")
        String notAfter) {}
