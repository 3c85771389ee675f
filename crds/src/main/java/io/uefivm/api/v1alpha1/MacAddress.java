package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The MAC address of one network card. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MacAddress(
        @JsonPropertyDescription("Name of the network card in spec.networks.")
        String network,

        @JsonPropertyDescription("MAC address, six lower-case octets.")
        String address) {}
