package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/**
 * The USB controller. Every VM has one, used or not: libvirt adds one of its own choice to a domain without, and a
 * CD-ROM or a tablet finds its port.
 */
final class UsbPart implements DomainPart {
    /** The tablet's port; disks have those from {@link #FIRST_DISK} on. */
    static final int TABLET = 1;

    static final int FIRST_DISK = 2;
    private static final int PORTS = 15;

    @Override
    public List<Fragment> render(DomainInput input) {
        return List.of(Fragment.onPort(
                Place.CONTROLLERS,
                RootPorts.USB,
                element("controller")
                        .attribute("type", "usb")
                        .attribute("index", 0)
                        .attribute("model", "qemu-xhci")
                        .attribute("ports", PORTS)));
    }

    /** The address of a device on a port, from 1. */
    static Element port(int port) {
        if (port > PORTS) {
            throw new UnsupportedSpecException(
                    "spec.disks", "a VM has room for " + (PORTS - 1) + " USB disks and CD-ROMs; use another bus");
        }
        return element("address").attribute("type", "usb").attribute("bus", 0).attribute("port", port);
    }
}
