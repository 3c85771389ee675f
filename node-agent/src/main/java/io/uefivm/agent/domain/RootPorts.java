package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * PCI Express root ports, in this order: one for each device that libvirt plugs in by itself, spare ones for devices
 * that are added while the guest runs, one for each passed-through slot. libvirt fills the lowest free port first, so
 * that devices which are passed through, or no longer are, move none of the others.
 *
 * @param used ports that the other fragments take
 * @param passthrough passed-through slots
 */
record RootPorts(int used, int passthrough) {
    /** A port cannot be added to a running guest. */
    static final int SPARE = 8;

    /** The root bus and its ports, which libvirt packs eight to a slot. The port of index n makes bus n. */
    List<Fragment> controllers() {
        var controllers = new ArrayList<Fragment>();
        controllers.add(controller(0, "pcie-root"));
        for (int index = 1; index <= used + SPARE + passthrough; index++) {
            controllers.add(controller(index, "pcie-root-port"));
        }
        return controllers;
    }

    /** The bus of a passed-through slot, counted from 0. */
    int passthroughBus(int index) {
        return used + SPARE + index + 1;
    }

    private static Fragment controller(int index, String model) {
        return Fragment.of(
                Place.CONTROLLERS,
                element("controller")
                        .attribute("type", "pci")
                        .attribute("index", index)
                        .attribute("model", model));
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
