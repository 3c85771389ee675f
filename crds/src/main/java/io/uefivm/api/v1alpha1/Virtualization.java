package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What libvirt and QEMU of a host can do, tried rather than believed. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Virtualization(
        @JsonPropertyDescription("Version of libvirt.") @Nullable
        String libvirt,

        @JsonPropertyDescription("Version of QEMU.") @Nullable
        String qemu,

        @JsonPropertyDescription("kvm, or tcg (emulation, slow) where KVM does not serve.") @Nullable
        String accelerator,

        @JsonPropertyDescription("The accelerator offers System Management Mode, which Secure Boot needs.") @Nullable
        Boolean smm,

        @JsonPropertyDescription("Guests can have a vsock: the host has vhost_vsock.") @Nullable
        Boolean vsock,

        @JsonPropertyDescription("Versioned Q35 machine types, newest first.")
        List<String> machineTypes) {
    public Virtualization {
        machineTypes = machineTypes == null ? List.of() : List.copyOf(machineTypes);
    }
}
