package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** The memory balloon, which tells the host what the guest uses. A passed-through device pins all memory: none then. */
final class BalloonPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var balloon = element("memballoon");
        return List.of(
                input.spec().devices().isEmpty()
                        ? Fragment.onRootPort(Place.DEVICES, balloon.attribute("model", "virtio"))
                        : Fragment.of(Place.DEVICES, balloon.attribute("model", "none")));
    }
}
