package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the guest says of itself, through the QEMU guest agent. Whoever is root in the guest can say anything here. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record GuestStatus(
        @JsonPropertyDescription("Whether the guest agent answers.") @Nullable
        Boolean agentConnected,

        @JsonPropertyDescription("The guest's own name.") @Nullable
        String hostname,

        @JsonPropertyDescription("The guest's operating system, for example Debian GNU/Linux 12 (bookworm).") @Nullable
        String os,

        @JsonPropertyDescription("The guest's network interfaces, without its loopback.")
        List<GuestInterface> interfaces) {
    public GuestStatus {
        interfaces = interfaces == null ? List.of() : List.copyOf(interfaces);
    }
}
