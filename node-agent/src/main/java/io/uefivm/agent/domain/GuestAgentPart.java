package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** The channel on which the QEMU guest agent answers, and its controller. The socket's path is libvirt's choice. */
final class GuestAgentPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var channel = element("channel")
                .attribute("type", "unix")
                .with(element("target").attribute("type", "virtio").attribute("name", "org.qemu.guest_agent.0"));
        return List.of(
                Fragment.onPort(
                        Place.CONTROLLERS,
                        RootPorts.SERIAL,
                        element("controller").attribute("type", "virtio-serial").attribute("index", 0)),
                Fragment.of(Place.DEVICES, channel));
    }
}
