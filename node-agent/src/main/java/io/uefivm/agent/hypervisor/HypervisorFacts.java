package io.uefivm.agent.hypervisor;

import java.util.List;

/**
 * What libvirt says of itself and its emulator.
 *
 * @param libvirtVersion for example {@code 9.0.0}
 * @param qemuVersion for example {@code 7.2.22}
 * @param machineTypes versioned Q35 machine types, newest first
 */
public record HypervisorFacts(String libvirtVersion, String qemuVersion, List<String> machineTypes) {}
