package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;

/** The Secure Boot keys of a new variable store. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Keys(
        @JsonPropertyDescription(
                "Microsoft (default): Microsoft's 2011 and 2023 certificate authorities, the same on every host. HostTemplate: what the host's own enrolled template carries.")
        @Default("Microsoft")
        KeyProfile profile) {
    public static final Keys DEFAULT = new Keys(KeyProfile.Microsoft);

    public Keys {
        profile = Defaults.or(profile, KeyProfile.Microsoft);
    }
}
