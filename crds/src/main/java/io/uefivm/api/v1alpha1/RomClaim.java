package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A file at the root of a PersistentVolumeClaim in the namespace of the VM, which has volumeMode Filesystem. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RomClaim(
        @JsonPropertyDescription("Name of the claim; a claim that a disk uses as well will do.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
        String claimName,

        @JsonPropertyDescription("Name of the file, for example rtx-a2000.rom.")
        @Required
        @Size(min = 1, max = 255)
        @Pattern("^[A-Za-z0-9]([-A-Za-z0-9._+]*[A-Za-z0-9])?$")
        String file) {}
