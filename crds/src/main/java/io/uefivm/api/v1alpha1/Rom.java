package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where the expansion ROM of a passed-through device comes from, in place of the one that the device has. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.configMapKeyRef) != has(self.persistentVolumeClaim)",
        message = "exactly one of configMapKeyRef and persistentVolumeClaim must be given")
public record Rom(
        @JsonPropertyDescription("An entry of binaryData of a ConfigMap, which holds at most 1 MiB in all.") @Nullable
        ObjectKey configMapKeyRef,

        @JsonPropertyDescription("A file in a PersistentVolumeClaim.") @Nullable
        RomClaim persistentVolumeClaim) {}
