package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** A PCI slot of the host; all its functions go to the guest together. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciDevice(
        @JsonPropertyDescription(
                "Slot on the host as domain:bus:device, for example 0000:01:00. All functions of the slot are passed through together; select the node that has it with nodeSelector.")
        @Required
        @Pattern("^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]$")
        String address) {}
