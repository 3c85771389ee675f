package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The claim that the operator makes for the NVRAM and TPM state of one VM. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NvramStorage(
        @JsonPropertyDescription("Storage class of the claim; the cluster's default class if left out.")
        @Size(max = 253)
        @Nullable
        String storageClassName,

        @JsonPropertyDescription(
                "Size of the claim. 64Mi is ample; some storage has a larger minimum, which must then be given here.")
        @Default("64Mi")
        @ValidationRule(
                value = "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('8Mi')) >= 0",
                message =
                        "must be a quantity of at least 8Mi: two running variable stores, the TPM state and their history have to fit")
        Quantity size,

        @JsonPropertyDescription("Access modes of the claim.") @Default("[\"ReadWriteOnce\"]") @Size(min = 1, max = 4)
        List<@Size(max = 32) String> accessModes) {
    public static final NvramStorage DEFAULT = new NvramStorage(null, new Quantity("64Mi"), List.of("ReadWriteOnce"));

    public NvramStorage {
        size = Defaults.or(size, new Quantity("64Mi"));
        accessModes = accessModes == null ? List.of("ReadWriteOnce") : List.copyOf(accessModes);
    }
}
