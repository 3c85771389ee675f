package io.uefivm.agent.domain;

import io.uefivm.api.v1alpha1.DeviceSlot;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.MacAddress;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.List;
import java.util.Optional;

/**
 * Where a guest finds a disk or network card of the spec.
 *
 * @param functions PCI functions from the root bus down to that of the card or controller
 * @param unit what it is there
 */
public record GuestPlace(List<Function> functions, Unit unit) {
    private static final Function OWN_AHCI = new Function(StorageControllerPart.OWN_AHCI_SLOT, 2);

    /** A PCI function on its bus. */
    public record Function(int device, int function) {}

    /** What is behind a PCI function. */
    public sealed interface Unit {}

    /** A disk that is the whole function. */
    public record Whole() implements Unit {}

    /** The disk with this SCSI target number; its logical unit is 0. */
    public record Target(int number) implements Unit {}

    /** The disk on this SATA port, from 0. */
    public record Port(int number) implements Unit {}

    /** The disk on this USB port, from 1. */
    public record UsbPort(int number) implements Unit {}

    /** A namespace of an NVMe controller. */
    public record Namespace() implements Unit {}

    /** A network card. */
    public record Card(String macAddress) implements Unit {}

    /** Copies the list. */
    public GuestPlace {
        functions = List.copyOf(functions);
    }

    /** The place of the disk or network of that name; empty when there is none. */
    public static Optional<GuestPlace> of(UefiVirtualMachineSpec spec, Identity identity, String name) {
        Optional<Integer> slot = identity.slots().stream()
                .filter(known -> known.name().equals(name))
                .map(DeviceSlot::number)
                .findFirst();
        Optional<GuestPlace> disk = spec.disks().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .flatMap(found -> slot.map(number -> disk(found, number)));
        return disk.or(() -> spec.networks().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .flatMap(found -> slot.flatMap(number ->
                        card(identity, name).map(card -> new GuestPlace(behind(RootPorts.ofSpec(number)), card)))));
    }

    /** The network that is first in the boot order; empty when there is none. */
    public static Optional<String> firstNetwork(UefiVirtualMachineSpec spec) {
        return BootOrder.of(spec).names().stream()
                .filter(name -> spec.networks().stream()
                        .anyMatch(network -> network.name().equals(name)))
                .findFirst();
    }

    private static GuestPlace disk(Disk disk, int slot) {
        return switch (disk.attachedTo()) {
            case VIRTIO -> new GuestPlace(behind(RootPorts.ofSpec(slot)), new Whole());
            case NVME -> new GuestPlace(behind(RootPorts.ofSpec(slot)), new Namespace());
            case SCSI -> new GuestPlace(behind(RootPorts.SCSI), new Target(slot));
            case USB -> new GuestPlace(behind(RootPorts.USB), new UsbPort(UsbPart.FIRST_DISK + slot));
            case SATA -> {
                int controller = slot / DiskSlot.SATA_PORTS;
                Function ahci = controller == 0 ? OWN_AHCI : new Function(OWN_AHCI.device() - controller, 0);
                yield new GuestPlace(List.of(ahci), new Port(slot % DiskSlot.SATA_PORTS));
            }
        };
    }

    private static Optional<Unit> card(Identity identity, String network) {
        return identity.macAddresses().stream()
                .filter(mac -> mac.network().equals(network))
                .map(MacAddress::address)
                .<Unit>map(Card::new)
                .findFirst();
    }

    private static List<Function> behind(int port) {
        return List.of(RootPorts.function(port), new Function(0, 0));
    }
}
