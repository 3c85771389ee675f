package io.uefivm.agent.domain;

import static java.util.Objects.requireNonNull;

import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.DeviceSlot;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.MacAddress;
import io.uefivm.api.v1alpha1.Network;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All that a domain is made of: what the VM asks for and what its host resolved for it. Every path is one that the
 * host's libvirtd sees.
 *
 * @param owner whose domain it is
 * @param identity UUID, a MAC address for each network of the spec and a place for each of its devices
 * @param spec the VM's spec, as the API server accepted it
 * @param accelerator what runs the guest
 * @param machineType concrete Q35 machine type, for example {@code pc-q35-7.2}; never the alias, which would change
 *     under the guest with the next QEMU
 * @param loader the firmware build
 * @param nvramPath the VM's variables, a file that exists and has the size of the loader's template; with the layout
 *     Combined the code follows in the same file; empty with Stateless
 * @param disks source of each disk of the spec, by disk name
 * @param devices what the host resolved for each device of the spec, by device name
 * @param consoleLogPath file to which the guest's serial console is appended
 * @param share the part of the host that it is held to
 */
public record DomainInput(
        DomainOwner owner,
        Identity identity,
        UefiVirtualMachineSpec spec,
        Accelerator accelerator,
        String machineType,
        Loader loader,
        Optional<String> nvramPath,
        Map<String, DiskSource> disks,
        Map<String, HostDevice> devices,
        String consoleLogPath,
        HostShare share) {

    public DomainInput {
        disks = Map.copyOf(disks);
        devices = Map.copyOf(devices);
        if (!machineType.startsWith("pc-q35-")) {
            throw new IllegalArgumentException(
                    "machineType must be a versioned Q35 machine such as pc-q35-7.2, not '" + machineType + "'");
        }
        nvramPath.ifPresent(path -> Paths.requireAbsolute("nvramPath", path));
        if (nvramPath.isPresent() != spec.keepsState()) {
            throw new IllegalArgumentException("nvramPath does not go with firmware.layout "
                    + spec.firmware().layout());
        }
        Paths.requireAbsolute("consoleLogPath", consoleLogPath);
        requireUuid(identity.uuid());
        Map<String, String> macAddresses = macAddresses(identity);
        requireKeys("identity.macAddresses", macAddresses, spec.networks(), Network::name);
        Map<String, Integer> slots = slots(identity);
        requireKeys("identity.slots", slots, spec.disks(), Disk::name);
        requireKeys("identity.slots", slots, spec.networks(), Network::name);
        requireKeys("identity.slots", slots, spec.devices(), Device::name);
        requireKeys("disks", disks, spec.disks(), Disk::name);
        requireKeys("devices", devices, spec.devices(), Device::name);
    }

    /** A domain that is held to no part of its host. */
    public DomainInput(
            DomainOwner owner,
            Identity identity,
            UefiVirtualMachineSpec spec,
            Accelerator accelerator,
            String machineType,
            Loader loader,
            Optional<String> nvramPath,
            Map<String, DiskSource> disks,
            Map<String, HostDevice> devices,
            String consoleLogPath) {
        this(
                owner,
                identity,
                spec,
                accelerator,
                machineType,
                loader,
                nvramPath,
                disks,
                devices,
                consoleLogPath,
                HostShare.ANY);
    }

    /** The same domain, held to that part of its host. */
    public DomainInput within(HostShare part) {
        return new DomainInput(
                owner,
                identity,
                spec,
                accelerator,
                machineType,
                loader,
                nvramPath,
                disks,
                devices,
                consoleLogPath,
                part);
    }

    /** The source of a disk of the spec. */
    DiskSource source(Disk disk) {
        return requireNonNull(disks.get(disk.name()));
    }

    /** The recorded place of a disk, network or device of the spec on its bus, from 0. */
    int slot(String name) {
        return requireNonNull(slots(identity).get(name));
    }

    /** What the host resolved for a device of the spec. */
    HostDevice hostDevice(Device device) {
        return requireNonNull(devices.get(device.name()));
    }

    /** The MAC address of a network of the spec. */
    String macAddress(Network network) {
        return requireNonNull(macAddresses(identity).get(network.name()));
    }

    private static Map<String, String> macAddresses(Identity identity) {
        var addresses = new TreeMap<String, String>();
        for (MacAddress mac : identity.macAddresses()) {
            addresses.put(mac.network(), mac.address());
        }
        return addresses;
    }

    private static Map<String, Integer> slots(Identity identity) {
        return identity.slots().stream().collect(Collectors.toMap(DeviceSlot::name, DeviceSlot::number));
    }

    private static void requireUuid(String uuid) {
        try {
            UUID.fromString(uuid);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("identity.uuid must be a UUID, not '" + uuid + "'", e);
        }
    }

    private static <T> void requireKeys(String field, Map<String, ?> given, List<T> wanted, Function<T, String> name) {
        for (T one : wanted) {
            if (!given.containsKey(name.apply(one))) {
                throw new IllegalArgumentException(field + " lacks '" + name.apply(one)
                        + "', which the spec names; it has to be resolved before the domain is made");
            }
        }
    }
}
