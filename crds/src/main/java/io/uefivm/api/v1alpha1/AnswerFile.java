package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What Windows setup finds on a medium that the agent makes: its answers. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.xml) != has(self.secretRef)",
        message = "exactly one of xml and secretRef must be given")
public record AnswerFile(
        @JsonPropertyDescription(
                "The document. Everybody who may read the VM may read it: use secretRef for passwords and product keys.")
        @Size(max = 65536)
        @Nullable
        String xml,

        @JsonPropertyDescription("Entry of a Secret that holds the document.") @Nullable
        ObjectKey secretRef) {}
