package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a watchdog does to a guest that hangs, in libvirt's words. */
public enum WatchdogAction {
    @JsonProperty("reset")
    RESET,
    @JsonProperty("poweroff")
    POWEROFF
}
