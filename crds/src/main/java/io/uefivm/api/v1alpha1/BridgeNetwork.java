package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** A bridge of the host. Interface names have 15 characters at most (IFNAMSIZ). */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BridgeNetwork(
        @JsonPropertyDescription("Name of a bridge that exists on every host where the VM may run.")
        @Required
        @Pattern("^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$")
        String name) {}
