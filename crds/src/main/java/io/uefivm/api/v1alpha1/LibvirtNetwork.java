package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** A network that the host's libvirt defines. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LibvirtNetwork(
        @JsonPropertyDescription("Name of a libvirt network that exists on every host where the VM may run.")
        @Required
        @Pattern("^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
        String name) {}
