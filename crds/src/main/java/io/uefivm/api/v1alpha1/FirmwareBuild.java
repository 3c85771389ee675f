package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One UEFI firmware build of a host, from one descriptor file (QEMU's docs/interop/firmware.json). */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FirmwareBuild(
        @JsonPropertyDescription("File name of the descriptor.")
        String descriptor,

        @JsonPropertyDescription("Description in the descriptor.") @Nullable
        String description,

        @JsonPropertyDescription("Digest of the code image, sha256: and hexadecimal.")
        String codeDigest,

        @JsonPropertyDescription("Size of the code image in bytes.")
        Long codeSize,

        @JsonPropertyDescription("Digest of the variable template.")
        String varsTemplateDigest,

        @JsonPropertyDescription("Size of the variable template in bytes.")
        Long varsSize,

        @JsonPropertyDescription("The build can enforce Secure Boot.")
        Boolean secureBoot,

        @JsonPropertyDescription("The variable template carries keys.")
        Boolean enrolledKeys,

        @JsonPropertyDescription("The build needs System Management Mode, which protects its variables.")
        Boolean requiresSmm,

        @JsonPropertyDescription("Machine types that the build is for, as patterns.")
        List<String> machines) {
    public FirmwareBuild {
        // One host's odd report must not stop the operator from reading the others.
        secureBoot = Defaults.or(secureBoot, false);
        enrolledKeys = Defaults.or(enrolledKeys, false);
        requiresSmm = Defaults.or(requiresSmm, false);
        codeDigest = Defaults.or(codeDigest, "");
        machines = machines == null ? List.of() : List.copyOf(machines);
    }

    /** Whether this build serves the kind; plain UEFI is any build that can do without System Management Mode. */
    public boolean serves(FirmwareKind kind) {
        return switch (kind) {
            case SECURE_BOOT -> secureBoot && requiresSmm;
            case PLAIN -> !requiresSmm;
        };
    }
}
