package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * PCI Express root ports: eight for the machine's own controllers, then those of the spec's devices, each in the place
 * that the VM's identity has recorded, then spare ones for devices that are added while the guest runs. Every port has
 * an address that depends on its number alone, so that nothing that comes or goes moves another.
 *
 * @param highest the highest port that something is plugged into
 */
record RootPorts(int highest) {
    /** Ports of the machine's own devices, whether a VM has them or not. */
    static final int USB = 1;

    static final int SERIAL = 2;
    static final int SCSI = 3;
    static final int RANDOM = 4;
    static final int BALLOON = 5;
    static final int VSOCK = 6;

    /** A port cannot be added to a running guest. */
    static final int SPARE = 8;

    private static final int FIRST_OF_SPEC = 9;
    /** Functions of a slot. */
    private static final int IN_SLOT = 8;
    /** Slot 0 is the host bridge and slot 1 the emulated screen. */
    private static final int FIRST_SLOT = 2;

    RootPorts {
        highest = Math.max(highest, FIRST_OF_SPEC - 1);
    }

    /** The port of a device of the spec. */
    static int ofSpec(int number) {
        return FIRST_OF_SPEC + number;
    }

    /** The root bus and its ports. The port of index n makes bus n. */
    List<Fragment> controllers() {
        var controllers = new ArrayList<Fragment>();
        controllers.add(Fragment.of(Place.CONTROLLERS, controller(0, "pcie-root")));
        for (int index = 1; index <= highest + SPARE; index++) {
            GuestPlace.Function at = function(index);
            Element address = address(0, at.device(), at.function());
            controllers.add(Fragment.of(
                    Place.CONTROLLERS,
                    controller(index, "pcie-root-port")
                            .with(at.function() == 0 ? address.attribute("multifunction", "on") : address)));
        }
        return controllers;
    }

    /** Where on the root bus a port is. */
    static GuestPlace.Function function(int port) {
        return new GuestPlace.Function(FIRST_SLOT + (port - 1) / IN_SLOT, (port - 1) % IN_SLOT);
    }

    private static Element controller(int index, String model) {
        return element("controller")
                .attribute("type", "pci")
                .attribute("index", index)
                .attribute("model", model);
    }

    /** The address of a function in the guest. */
    static Element address(int bus, int slot, int function) {
        return element("address")
                .attribute("type", "pci")
                .attribute("domain", "0x0000")
                .attribute("bus", String.format("0x%02x", bus))
                .attribute("slot", String.format("0x%02x", slot))
                .attribute("function", "0x" + function);
    }
}
