package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** Guest memory. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Memory(
        @JsonPropertyDescription("Guest memory, for example 4Gi. The pod requests this and QEMU's own overhead.")
        @Required
        @ValidationRule(
                value = "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('128Mi')) >= 0"
                        + " && quantity(string(self)).compareTo(quantity('16Ti')) <= 0",
                message = "must be a quantity between 128Mi (OVMF itself needs that much) and 16Ti, for example 4Gi")
        Quantity size,

        @JsonPropertyDescription("Take the memory from huge pages of the node.") @Nullable
        Hugepages hugepages) {

    /** Guest memory in bytes. */
    public long bytes() {
        return size.getNumericalAmount().longValueExact();
    }
}
