package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A network card and what it is plugged into: exactly one of bridge, libvirtNetwork and user. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.bridge), has(self.libvirtNetwork), has(self.user)].exists_one(x, x)",
        message = "exactly one of bridge, libvirtNetwork and user must be given")
public record Network(
        @JsonPropertyDescription("Name of the network card, unique among disks, networks and devices of the VM.")
        @Required
        @Size(min = 1, max = 40)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        String name,

        @JsonPropertyDescription("virtio (default) or e1000e, which Windows setup knows without a driver.")
        @Default("virtio")
        NetworkModel model,

        @JsonPropertyDescription("MAC address; derived once and kept for ever if left out.")
        @Pattern("^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$")
        @Nullable
        String macAddress,

        @JsonPropertyDescription("Place in the boot order, 1 first, unique in the VM.") @Min(1) @Max(64) @Nullable
        Integer bootOrder,

        @JsonPropertyDescription("A bridge of the host.") @Nullable
        BridgeNetwork bridge,

        @JsonPropertyDescription("A network that the host's libvirt defines.") @Nullable
        LibvirtNetwork libvirtNetwork,

        @JsonPropertyDescription("Outbound only, by QEMU itself.") @Nullable
        UserNetwork user) {
    public Network {
        model = Defaults.or(model, NetworkModel.VIRTIO);
    }
}
