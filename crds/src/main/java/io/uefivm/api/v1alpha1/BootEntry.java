package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** One Boot#### variable, in the order of BootOrder. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BootEntry(
        @JsonPropertyDescription("Four hexadecimal digits, as in Boot0001.")
        String number,

        @JsonPropertyDescription("Description of the entry.")
        String description,

        @JsonPropertyDescription("Device path in UEFI's text form.") @Nullable
        String devicePath) {}
