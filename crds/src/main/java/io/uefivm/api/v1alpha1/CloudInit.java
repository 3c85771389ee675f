package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * What cloud-init finds on a medium that the agent makes (data source NoCloud). The instance is the VM's UUID and the
 * host name its name.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.userData) != has(self.userDataSecretRef)",
        message = "exactly one of userData and userDataSecretRef must be given")
@ValidationRule(
        value = "!(has(self.networkData) && has(self.networkDataSecretRef))",
        message = "networkData and networkDataSecretRef exclude each other")
public record CloudInit(
        @JsonPropertyDescription(
                "User data, for example a document that begins with #cloud-config. Everybody who may read the VM may read it: use userDataSecretRef for passwords.")
        @Size(max = 65536)
        @Nullable
        String userData,

        @JsonPropertyDescription("Entry of a Secret that holds the user data.") @Nullable
        ObjectKey userDataSecretRef,

        @JsonPropertyDescription("Network configuration, version 1 or 2. Left out, cloud-init tries DHCP.")
        @Size(max = 65536)
        @Nullable
        String networkData,

        @JsonPropertyDescription("Entry of a Secret that holds the network configuration.") @Nullable
        ObjectKey networkDataSecretRef) {}
