package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A window of memory of a PCI function (base address register). */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciBar(
        @JsonPropertyDescription("The function that it belongs to.")
        String function,

        @JsonPropertyDescription("Number of the register, 0 to 5.")
        int index,

        @JsonPropertyDescription("Size in bytes.") long bytes,

        @JsonPropertyDescription("Width of its address: 32 or 64.")
        int addressBits,

        @JsonPropertyDescription("Whether reads have no side effect.")
        boolean prefetchable) {}
