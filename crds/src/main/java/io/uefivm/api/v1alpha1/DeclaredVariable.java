package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A UEFI variable that the store has at every cold start, whatever the guest made of it before. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "[has(self.text), has(self.hex), has(self.secretKeyRef), has(self.configMapKeyRef)].exists_one(x, x)",
        message = "exactly one of text, hex, secretKeyRef and configMapKeyRef must be given")
@ValidationRule(
        value = "!(self.guid in ['d719b2cb-3d3a-4596-a3bc-dad00e67656f', 'f0a30bc7-af08-4556-99c4-001009c93a44',"
                + " 'c076ec0c-7028-4399-a072-71ee5c448b9f', 'd9bee56e-75dc-49d9-b4d7-b534210f637a',"
                + " '9073e4e0-60ec-4b6e-9903-4c223c260f3c'])"
                + " && !(self.guid == '8be4df61-93ca-11d2-aa0d-00e098032b8c' && self.name in ['PK', 'KEK', 'SetupMode',"
                + " 'SecureBoot', 'AuditMode', 'DeployedMode', 'VendorKeys'])",
        message = "Secure Boot's own variables are not declared one by one: use firmware.keys",
        fieldPath = ".name")
@ValidationRule(
        value = "!(self.guid == '8be4df61-93ca-11d2-aa0d-00e098032b8c'"
                + " && self.name.matches('^(Boot(Order|Next|Current|[0-9A-F]{4})|OsIndications)$'))",
        message =
                "boot entries belong to the guest and its firmware: use bootOrder of disks and networks, or firmware.bootNext",
        fieldPath = ".name")
public record DeclaredVariable(
        @JsonPropertyDescription("Name of the variable.")
        @Required
        @Size(min = 1, max = 128)
        @Pattern("^[!-~]([ -~]*[!-~])?$")
        String name,

        @JsonPropertyDescription("Vendor GUID of the variable, in lower case.")
        @Required
        @Size(min = 36, max = 36)
        @Pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        String guid,

        @JsonPropertyDescription(
                "Attributes; all three if left out. Without RuntimeAccess the operating system does not see the variable.")
        @Default("[\"NonVolatile\", \"BootServiceAccess\", \"RuntimeAccess\"]")
        @Size(min = 2, max = 3)
        @ValidationRule(
                value = "'NonVolatile' in self && 'BootServiceAccess' in self",
                message = "NonVolatile and BootServiceAccess must be there: a stored variable has both")
        List<VariableAttribute> attributes,

        @JsonPropertyDescription("The value as text, stored as UTF-8 without a terminating zero.")
        @Size(max = 4096)
        @Nullable
        String text,

        @JsonPropertyDescription("The value as hexadecimal bytes.")
        @Size(max = 8192)
        @Pattern("^([0-9a-fA-F]{2})+$")
        @Nullable
        String hex,

        @JsonPropertyDescription("The value as the bytes of an entry of a Secret; it appears in no status and no log.")
        @Nullable
        ObjectKey secretKeyRef,

        @JsonPropertyDescription("The value as the bytes of an entry of a ConfigMap.") @Nullable
        ObjectKey configMapKeyRef) {
    public DeclaredVariable {
        attributes = attributes == null ? List.of(VariableAttribute.values()) : List.copyOf(attributes);
    }
}
