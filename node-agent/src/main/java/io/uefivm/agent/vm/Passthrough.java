package io.uefivm.agent.vm;

import io.uefivm.agent.domain.PciAddress;
import io.uefivm.agent.host.PciSlots;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The host's PCI devices that a VM is given. */
final class Passthrough {
    private final PciSlots slots;

    Passthrough(PciSlots slots) {
        this.slots = slots;
    }

    /**
     * The functions of each of the VM's devices, by the device's name.
     *
     * @throws Failure {@code DeviceUnavailable}
     */
    Map<String, List<PciAddress>> devices(UefiVirtualMachine vm) throws Failure {
        var devices = new HashMap<String, List<PciAddress>>();
        for (Device device : vm.getSpec().devices()) {
            String slot = device.pci().address();
            List<PciAddress> functions = slots.functions(slot);
            if (functions.isEmpty()) {
                throw new Failure(
                        Reason.DeviceUnavailable,
                        "devices[" + device.name() + "]: this host has no PCI device in slot " + slot
                                + "; select the node that has it with nodeSelector");
            }
            try {
                List<PciAddress> companions = slots.companions(functions);
                if (!companions.isEmpty()) {
                    throw new Failure(
                            Reason.DeviceUnavailable,
                            "devices[" + device.name() + "]: slot " + slot + " shares its IOMMU group with "
                                    + companions + "; move the card to a slot of its own");
                }
            } catch (UncheckedIOException e) {
                throw new Failure(Reason.DeviceUnavailable, "devices[" + device.name() + "]: " + e.getMessage(), e);
            }
            devices.put(device.name(), functions);
        }
        return devices;
    }
}
