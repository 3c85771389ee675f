package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where the certificates or signatures of a Secure Boot variable come from. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.secretKeyRef) != has(self.configMapKeyRef)",
        message = "exactly one of secretKeyRef and configMapKeyRef must be given")
public record KeySource(
        @JsonPropertyDescription("An entry of a Secret: PEM, DER, an EFI signature list, or a signed .auth payload.")
        @Nullable
        ObjectKey secretKeyRef,

        @JsonPropertyDescription("An entry of a ConfigMap: PEM, DER, an EFI signature list, or a signed .auth payload.")
        @Nullable
        ObjectKey configMapKeyRef) {}
