package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * The Secure Boot keys. A new variable store gets them; an existing one only when {@link NvramRequest} asks for it, because
 * other keys change PCR 7.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(self.profile == 'Custom') == (has(self.pk) || has(self.kek) || has(self.db) || has(self.dbx))",
        message = "pk, kek, db and dbx are given with profile Custom, and only with it")
public record Keys(
        @JsonPropertyDescription(
                "Microsoft (default): Microsoft's 2011 and 2023 certificate authorities, the same on every host. HostTemplate: what the host's own enrolled template carries. Custom: as pk, kek, db and dbx say. On an existing VM a change takes effect only when nvram.request asks for EnrollKeys.")
        @Default("Microsoft")
        KeyProfile profile,

        @JsonPropertyDescription("The platform key, one certificate; that of the Microsoft profile if left out.")
        @Nullable
        KeySource pk,

        @JsonPropertyDescription("Who may change db and dbx; Microsoft's if left out.") @Nullable
        KeyList kek,

        @JsonPropertyDescription("Whose signatures boot; Microsoft's if left out.") @Nullable
        KeyList db,

        @JsonPropertyDescription("What does not boot although db would let it; Microsoft's if left out.") @Nullable
        KeyList dbx) {
    public static final Keys DEFAULT = new Keys(KeyProfile.Microsoft, null, null, null, null);

    public Keys {
        profile = Defaults.or(profile, KeyProfile.Microsoft);
    }
}
