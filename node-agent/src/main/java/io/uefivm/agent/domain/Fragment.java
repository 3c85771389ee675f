package io.uefivm.agent.domain;

/**
 * A piece of a domain and where it belongs.
 *
 * @param port the PCI Express root port that it is plugged into; 0 when it is none of the devices that need one
 */
record Fragment(Place place, Element element, int port) {
    /** The places of a domain, in the order in which they are written. */
    enum Place {
        /** Directly in the domain: what it is. */
        HEAD,
        OS,
        FEATURES,
        /** Directly in the domain: how it behaves. */
        BODY,
        CONTROLLERS,
        DEVICES,
        /** Directly in the domain, after the devices: what QEMU is told otherwise than libvirt would. */
        OVERRIDES
    }

    static Fragment of(Place place, Element element) {
        return new Fragment(place, element, 0);
    }

    /** A device, or a controller, alone behind that root port. */
    static Fragment onPort(Place place, int port, Element element) {
        return new Fragment(place, element.with(RootPorts.address(port, 0, 0)), port);
    }
}
