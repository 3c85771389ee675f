package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** The memory balloon, which tells the host what the guest uses. A passed-through device pins all memory: none then. */
final class BalloonPart implements DomainPart {
    /** How often QEMU asks the guest's driver, in seconds; without it there are no statistics at all. */
    private static final int STATISTICS_SECONDS = 10;

    @Override
    public List<Fragment> render(DomainInput input) {
        var balloon = element("memballoon");
        return List.of(
                input.spec().devices().isEmpty()
                        ? Fragment.onPort(
                                Place.DEVICES,
                                RootPorts.BALLOON,
                                balloon.attribute("model", "virtio")
                                        .with(element("stats").attribute("period", STATISTICS_SECONDS)))
                        : Fragment.of(Place.DEVICES, balloon.attribute("model", "none")));
    }
}
