package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.domain.HostDevice;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.agent.kubelet.PodDevices;
import io.uefivm.agent.pci.HostDevices;
import io.uefivm.agent.pci.PassthroughRules;
import io.uefivm.agent.pci.PciUnit;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Finds the devices of this host that a VM gets, and refuses what it cannot have. */
public final class Passthrough {
    private final HostDevices devices;
    private final PodDevices given;

    /**
     * A finder.
     *
     * @param given says which devices kubelet gave to which pod
     */
    public Passthrough(HostDevices devices, PodDevices given) {
        this.devices = devices;
        this.given = given;
    }

    /**
     * The devices of a VM, by their names in its spec.
     *
     * @throws Failure {@code DeviceUnavailable}, naming the device and why
     * @throws HypervisorException when libvirt cannot say who has what
     * @throws UncheckedIOException when kubelet does not say what the pod was given; to be tried again
     */
    Map<String, HostDevice> devices(UefiVirtualMachine vm, Pod pod) throws Failure, HypervisorException {
        if (vm.getSpec().devices().isEmpty()) {
            return Map.of();
        }
        Map<String, String> names = names(vm, pod);
        PassthroughRules rules = rules();
        var units = new LinkedHashMap<String, PciUnit>();
        for (Map.Entry<String, String> name : names.entrySet()) {
            PciUnit unit = unit(name.getKey(), name.getValue(), rules);
            if (units.containsValue(unit)) {
                throw unavailable(name.getKey(), unit.name() + " is asked for twice; name each device once");
            }
            units.put(name.getKey(), unit);
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
        String name = vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName();
        units.values()
                .forEach(unit -> devices.handOver(unit, name, vm.getMetadata().getUid()));
        return assigned;
    }

    /** Looks whether the devices of a VM that ended came back in order; says so in its status where they did not. */
    VmStatus takeBack(UefiVirtualMachine vm, VmStatus status) {
        String name = vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName();
        try {
            List<String> complaints = devices.takeBack(name, vm.getMetadata().getUid());
            return complaints.isEmpty() ? status : status.unreset(String.join("; ", complaints));
        } catch (UncheckedIOException e) {
            return status.unreset("nobody knows whether its devices came back in order: " + e.getMessage());
        }
    }

    /** The VM has nothing of this host any more. */
    void release(String vmUid) {
        devices.forget(vmUid);
    }

    private PassthroughRules rules() throws Failure {
        try {
            return devices.rules();
        } catch (UncheckedIOException e) {
            throw new Failure(Reason.DeviceUnavailable, Objects.requireNonNull(e.getMessage()), e);
        }
    }

    /** The host's name of each device. Of several of one resource, kubelet's are taken in the order of the spec. */
    private Map<String, String> names(UefiVirtualMachine vm, Pod pod) throws Failure {
        var names = new LinkedHashMap<String, String>();
        var left = new HashMap<String, Iterator<String>>();
        for (Device device : vm.getSpec().devices()) {
            Optional<String> resource = device.pci().countedAs();
            if (resource.isEmpty()) {
                names.put(device.name(), Objects.requireNonNull(device.pci().address()));
                continue;
            }
            Iterator<String> next =
                    left.computeIfAbsent(resource.get(), r -> givenTo(pod, r).iterator());
            if (!next.hasNext()) {
                throw unavailable(device.name(), "kubelet gave the pod no " + resource.get());
            }
            names.put(device.name(), next.next());
        }
        return names;
    }

    private List<String> givenTo(Pod pod, String resource) {
        try {
            return given.of(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PciUnit unit(String device, String name, PassthroughRules rules) throws Failure {
        return rules.inventory()
                .unit(name)
                .orElseThrow(() -> unavailable(
                        device,
                        "this host has no PCI device " + name + "; select the node that has it with nodeSelector"));
    }

    private static HostDevice hostDevice(PciUnit unit) {
        return new HostDevice(
                unit.name(),
                unit.addresses(),
                unit.main().physicalFunction().isPresent(),
                unit.functions().stream()
                        .flatMap(function -> function.bars().stream())
                        .toList());
    }

    private static Failure unavailable(String device, String why) {
        return new Failure(Reason.DeviceUnavailable, "devices[" + device + "]: " + why);
    }
}
