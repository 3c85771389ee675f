package io.uefivm.agent.hypervisor;

import java.util.List;
import java.util.Optional;

/**
 * What libvirt says of itself and its emulator.
 *
 * @param libvirtVersion for example {@code 9.0.0}
 * @param qemuVersion for example {@code 7.2.22}
 * @param machineTypes versioned Q35 machine types, newest first
 * @param qemuUser whom libvirt gives files to; empty when it leaves them as they are
 */
public record HypervisorFacts(
        String libvirtVersion, String qemuVersion, List<String> machineTypes, Optional<QemuUser> qemuUser) {
    /** Facts of a libvirt that leaves files as they are. */
    public HypervisorFacts(String libvirtVersion, String qemuVersion, List<String> machineTypes) {
        this(libvirtVersion, qemuVersion, machineTypes, Optional.empty());
    }
}
