package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/**
 * The socket between guest and host. Its address has to be the only one of its kind on the host, which is for libvirt to
 * see to: that changes with every start, and no guest has to know its own.
 */
final class VsockPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        return input.spec().vsock() == null
                ? List.of()
                : List.of(Fragment.onPort(
                        Place.DEVICES,
                        RootPorts.VSOCK,
                        element("vsock")
                                .attribute("model", "virtio")
                                .with(element("cid").attribute("auto", "yes"))));
    }
}
