package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** The guest's emulated screen. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Graphics(
        @JsonPropertyDescription(
                "VNC: an emulated screen, reachable on the loopback address of the host. None: no emulated screen.")
        @Required
        GraphicsType type) {}
