package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network interface as the guest sees it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record GuestInterface(
        @JsonPropertyDescription("The guest's name for it.") @Nullable
        String name,

        @JsonPropertyDescription("Its MAC address.") @Nullable
        String mac,

        @JsonPropertyDescription("Its addresses, with the length of their prefix.")
        List<String> addresses) {
    public GuestInterface {
        addresses = addresses == null ? List.of() : List.copyOf(addresses);
    }
}
