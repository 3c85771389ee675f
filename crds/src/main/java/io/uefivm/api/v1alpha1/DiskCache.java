package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the host's page cache has to do with a disk, in libvirt's words. */
public enum DiskCache {
    @JsonProperty("none")
    NONE,
    @JsonProperty("writethrough")
    WRITETHROUGH,
    @JsonProperty("writeback")
    WRITEBACK
}
