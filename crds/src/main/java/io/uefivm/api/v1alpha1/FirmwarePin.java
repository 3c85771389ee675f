package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** The one firmware build that a VM may start with. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FirmwarePin(
        @JsonPropertyDescription("Digest of the code image, as UefiHosts list it: sha256: and 64 hexadecimal digits.")
        @Required
        @Pattern("^sha256:[0-9a-f]{64}$")
        String codeDigest) {}
