package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A disk whose claim is larger than it was made. */
public record ExpandedDisk(
        @JsonPropertyDescription("Name of the disk in the spec.")
        String name,

        @JsonPropertyDescription("What its claim holds by now, for example 20Gi.")
        String claimCapacity) {}
