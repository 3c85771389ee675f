package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The node agent; its heartbeat is the Lease that has the name of the node. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentInfo(
        @JsonPropertyDescription("Version of the node agent.")
        String version) {}
