package io.uefivm.agent.domain;

/**
 * A piece of a domain and where it belongs.
 *
 * @param rootPorts PCI Express root ports that libvirt will plug the device into: 1 or 0
 */
record Fragment(Place place, Element element, int rootPorts) {
    /** The places of a domain, in the order in which they are written. */
    enum Place {
        /** Directly in the domain: what it is. */
        HEAD,
        OS,
        FEATURES,
        /** Directly in the domain: how it behaves. */
        BODY,
        CONTROLLERS,
        DEVICES
    }

    static Fragment of(Place place, Element element) {
        return new Fragment(place, element, 0);
    }

    /** A device, or a controller, that takes a root port of its own. */
    static Fragment onRootPort(Place place, Element element) {
        return new Fragment(place, element, 1);
    }
}
