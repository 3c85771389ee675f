package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The network card that the guest sees. */
public enum NetworkModel {
    @JsonProperty("virtio")
    VIRTIO,
    @JsonProperty("e1000e")
    E1000E
}
