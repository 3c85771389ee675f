package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guest's UEFI firmware. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Firmware(
        @JsonPropertyDescription(
                "Enabled (default): Secure Boot with enrolled keys; System Management Mode, the firmware build and its variables follow from it. SetupMode: firmware that can enforce Secure Boot, with no keys yet, for a guest that enrols its own. Disabled: nothing is verified.")
        @Default("Enabled")
        SecureBootMode secureBoot,

        @JsonPropertyDescription(
                "Split (default): the host's code, shared and read-only, and a variable store of the VM. Combined: one image of the VM, made for each start from the host's code and the VM's variables, for guests that expect a single flash image. Stateless: the host's code alone; variables last as long as the guest runs, and the VM needs no NVRAM claim.")
        @Default("Split")
        FirmwareLayout layout,

        @JsonPropertyDescription("The Secure Boot keys; without effect unless secureBoot is Enabled.") @Default("{}")
        Keys keys,

        @JsonPropertyDescription(
                "What the next cold start boots, once: Setup (the firmware's own menu), Network (the first network, by PXE), HTTP (the same by HTTP Boot), or the name of a disk or network of the VM. Applied when it is set or changed; remove it and set it again to ask for the same a second time.")
        @Size(max = 40)
        @Pattern("^(Setup|Network|HTTP|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$")
        @Nullable
        String bootNext,

        @JsonPropertyDescription(
                "UEFI variables that the store has at every cold start. What the guest makes of them shows in the condition FirmwareAsDeclared. A variable that is taken off this list stays in the store.")
        @Size(max = 64)
        List<DeclaredVariable> variables,

        @JsonPropertyDescription(
                "Pins the firmware build: the VM starts with this code and no other, and waits while no host has it. Without it a start takes the build of the start before where the host still has it, else another one of the same kind, under the variables that are there.")
        @Nullable
        FirmwarePin image) {
    public static final Firmware DEFAULT =
            new Firmware(SecureBootMode.Enabled, FirmwareLayout.Split, Keys.DEFAULT, null, List.of(), null);

    public Firmware {
        secureBoot = Defaults.or(secureBoot, SecureBootMode.Enabled);
        layout = Defaults.or(layout, FirmwareLayout.Split);
        keys = Defaults.or(keys, Keys.DEFAULT);
        variables = variables == null ? List.of() : List.copyOf(variables);
    }
}
