package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.HostDevice;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.agent.pci.HostDevices;
import io.uefivm.agent.pci.PassthroughRules;
import io.uefivm.agent.pci.PciUnit;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Finds the devices of this host that a VM gets, and refuses what it cannot have. */
final class Passthrough {
    private final HostDevices devices;

    Passthrough(HostDevices devices) {
        this.devices = devices;
    }

    /**
     * The devices of a VM, by their names in its spec.
     *
     * @throws Failure {@code DeviceUnavailable}, naming the device and why
     * @throws HypervisorException when libvirt cannot say who has what
     */
    Map<String, HostDevice> devices(UefiVirtualMachine vm, Pod pod) throws Failure, HypervisorException {
        if (vm.getSpec().devices().isEmpty()) {
            return Map.of();
        }
        try {
            PassthroughRules rules = devices.rules();
            Map<String, PciUnit> units = new LinkedHashMap<>();
            for (Device device : vm.getSpec().devices()) {
                units.put(device.name(), unit(device, rules));
            }
            Map<String, RunningDomain> holders = devices.holders();
            var assigned = new HashMap<String, HostDevice>();
            for (Map.Entry<String, PciUnit> entry : units.entrySet()) {
                PciUnit unit = entry.getValue();
                Optional<String> objection = rules.objection(unit, units.values());
                if (objection.isPresent()) {
                    throw unavailable(entry.getKey(), objection.get());
                }
                RunningDomain holder = holders.get(unit.name());
                if (holder != null) {
                    throw unavailable(
                            entry.getKey(),
                            unit.name() + " is with " + holder.owner().vm() + "; stop that VM first");
                }
                assigned.put(entry.getKey(), hostDevice(unit));
            }
            units.values()
                    .forEach(unit -> devices.handOver(
                            unit,
                            vm.getMetadata().getNamespace() + "/"
                                    + vm.getMetadata().getName()));
            return assigned;
        } catch (UncheckedIOException e) {
            throw new Failure(Reason.DeviceUnavailable, Objects.requireNonNull(e.getMessage()), e);
        }
    }

    private static PciUnit unit(Device device, PassthroughRules rules) throws Failure {
        String address = device.pci().address();
        if (address == null) {
            throw unavailable(device.name(), "this agent finds devices by address only; give the address");
        }
        return rules.inventory()
                .unit(address)
                .orElseThrow(() -> unavailable(
                        device.name(),
                        "this host has no PCI device " + address + "; select the node that has it with nodeSelector"));
    }

    private static HostDevice hostDevice(PciUnit unit) {
        return new HostDevice(
                unit.name(),
                unit.addresses(),
                unit.main().physicalFunction().isPresent(),
                unit.functions().stream().flatMap(f -> f.bars().stream()).toList(),
                Optional.empty());
    }

    private static Failure unavailable(String device, String why) {
        return new Failure(Reason.DeviceUnavailable, "devices[" + device + "]: " + why);
    }
}
