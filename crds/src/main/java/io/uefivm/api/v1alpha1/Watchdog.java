package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** An emulated watchdog card, Intel's 6300ESB. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Watchdog(
        @JsonPropertyDescription(
                "What happens to a guest that armed the watchdog and feeds it no more. reset (default): it boots anew, in place. poweroff: its domain ends at once, and runStrategy says what follows. An event tells of both.")
        @Default("reset")
        WatchdogAction action) {
    public Watchdog {
        action = Defaults.or(action, WatchdogAction.RESET);
    }
}
