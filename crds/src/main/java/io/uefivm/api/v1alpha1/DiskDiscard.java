package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a guest's TRIM, in libvirt's words. */
public enum DiskDiscard {
    @JsonProperty("unmap")
    UNMAP,
    @JsonProperty("ignore")
    IGNORE
}
