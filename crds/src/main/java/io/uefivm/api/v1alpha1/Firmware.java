package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** The guest's UEFI firmware. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Firmware(
        @JsonPropertyDescription(
                "Enabled (default): Secure Boot with enrolled keys; System Management Mode, the firmware build and its variables follow from it. SetupMode: firmware that can enforce Secure Boot, with no keys yet, for a guest that enrols its own. Disabled: nothing is verified.")
        @Default("Enabled")
        SecureBootMode secureBoot,

        @JsonPropertyDescription(
                "The Secure Boot keys of a new variable store; without effect unless secureBoot is Enabled.")
        @Default("{}")
        Keys keys) {
    public static final Firmware DEFAULT = new Firmware(SecureBootMode.Enabled, Keys.DEFAULT);

    public Firmware {
        secureBoot = Defaults.or(secureBoot, SecureBootMode.Enabled);
        keys = Defaults.or(keys, Keys.DEFAULT);
    }
}
