package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/**
 * The USB controller. Every VM has one, used or not: libvirt adds one of its own choice to a domain without, and a
 * CD-ROM or a tablet finds its port.
 */
final class UsbPart implements DomainPart {
    private static final int PORTS = 15;

    @Override
    public List<Fragment> render(DomainInput input) {
        return List.of(Fragment.onRootPort(
                Place.CONTROLLERS,
                element("controller")
                        .attribute("type", "usb")
                        .attribute("index", 0)
                        .attribute("model", "qemu-xhci")
                        .attribute("ports", PORTS)));
    }
}
