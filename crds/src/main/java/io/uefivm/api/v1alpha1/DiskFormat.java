package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a disk's bytes are kept in its claim. Always told, never guessed: a guest can write any header to a raw disk. */
public enum DiskFormat {
    @JsonProperty("raw")
    RAW,
    @JsonProperty("qcow2")
    QCOW2
}
