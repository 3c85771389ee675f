package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** The content of KEK, db or dbx. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KeyList(
        @JsonPropertyDescription(
                "Append (default): after Microsoft's entries. Replace: these alone; without Microsoft's entries in db neither Windows nor the usual shim of Linux boots, and option ROMs of graphics cards are refused.")
        @Default("Append")
        KeyListMode mode,

        @JsonPropertyDescription("Where the entries come from.") @Required @Size(min = 1, max = 16)
        List<KeySource> sources) {
    public KeyList {
        mode = Defaults.or(mode, KeyListMode.Append);
        sources = sources == null ? List.of() : List.copyOf(sources);
    }
}
