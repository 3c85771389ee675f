package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** Random numbers from the host. OVMF refuses to boot from the network without them since 2023 (CVE-2023-45237). */
final class RngPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        return List.of(Fragment.onPort(
                Place.DEVICES,
                RootPorts.RANDOM,
                element("rng")
                        .attribute("model", "virtio")
                        .with(element("backend").attribute("model", "random").text("/dev/urandom"))));
    }
}
