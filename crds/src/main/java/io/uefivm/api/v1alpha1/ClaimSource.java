package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A PersistentVolumeClaim in the namespace of the VM, holding {@code disk.img} or another file (Filesystem), or the bytes (Block). */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClaimSource(
        @JsonPropertyDescription("Name of the claim.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
        String claimName,

        @JsonPropertyDescription(
                "For a CD-ROM: the file in the claim, for example debian-12.iso; disk.img if left out. Can be changed while the VM runs, which changes the medium.")
        @Size(min = 1, max = 255)
        @Pattern("^[A-Za-z0-9]([-A-Za-z0-9._+]*[A-Za-z0-9])?$")
        @Nullable
        String file) {
    static final String DISK_IMAGE = "disk.img";

    /** The file in a claim with a file system. */
    public String effectiveFile() {
        return file == null ? DISK_IMAGE : file;
    }
}
