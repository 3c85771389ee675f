package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The firmware build that the VM runs with, or ran with last. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FirmwareStatus(
        @JsonPropertyDescription("Description in the host's firmware descriptor.") @Nullable
        String description,

        @JsonPropertyDescription("Digest of the code image, sha256: and hexadecimal.") @Nullable
        String codeDigest,

        @JsonPropertyDescription("Digest of the variable template that belongs to the code.") @Nullable
        String varsTemplateDigest,

        @JsonPropertyDescription("Size of the variable store in bytes; builds of another size need it converted.")
        @Nullable
        Long varsSize,

        @JsonPropertyDescription("What the variable store says: Enforcing, SetupMode or Off.") @Nullable
        SecureBootState secureBoot,

        @JsonPropertyDescription("Certificates in PK, KEK, db and dbx.")
        List<Certificate> certificates,

        @JsonPropertyDescription("The spec.firmware.bootNext that was applied last and is not applied again.") @Nullable
        String bootNext) {
    public FirmwareStatus {
        certificates = certificates == null ? List.of() : List.copyOf(certificates);
    }

    /** The same with another record of what was booted once. */
    public FirmwareStatus withBootNext(@Nullable String applied) {
        return new FirmwareStatus(
                description, codeDigest, varsTemplateDigest, varsSize, secureBoot, certificates, applied);
    }

    /** The same build with what its variable store says by now. */
    public FirmwareStatus withStore(@Nullable SecureBootState state, List<Certificate> enrolled) {
        return new FirmwareStatus(description, codeDigest, varsTemplateDigest, varsSize, state, enrolled, bootNext);
    }
}
