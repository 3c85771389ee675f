package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** The guest's Trusted Platform Module: version 2.0, CRB interface, emulated by swtpm. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Tpm(
        @JsonPropertyDescription("A TPM 2.0 whose state is kept with the NVRAM. Default true.") @Default("true")
        Boolean enabled) {
    public static final Tpm DEFAULT = new Tpm(true);

    public Tpm {
        enabled = Defaults.or(enabled, true);
    }
}
