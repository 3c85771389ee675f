package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Something that is done to the variable store once. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.generation) == (self.action == 'Restore')",
        message = "generation is given with action Restore, and only with it")
public record NvramRequest(
        @JsonPropertyDescription(
                "Names this request. One token is carried out once, at the next cold start; change it to ask again. status.nvram.lastRequest tells what came of it.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern("^[-._a-zA-Z0-9]+$")
        String token,

        @JsonPropertyDescription(
                "EnrollKeys: Secure Boot keys as spec.firmware.keys declares them now, all else stays; BitLocker asks for its recovery key afterwards, because PCR 7 changes. Restore: the store of an earlier generation. FactoryReset: a store as at the first start. ResetKeepingKeys: all variables but the keys go. Convert: all variables in a store of the size that the firmware of the next start needs (128 KiB and 528 KiB, builds of 2 MiB and 4 MiB). Each makes a new generation; the earlier ones stay.")
        @Required
        NvramAction action,

        @JsonPropertyDescription("The generation to restore, one of status.nvram.history.") @Min(1) @Nullable
        Long generation) {}
