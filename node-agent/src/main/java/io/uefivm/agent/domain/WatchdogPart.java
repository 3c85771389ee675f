package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Watchdog;
import io.uefivm.api.v1alpha1.WatchdogAction;
import java.util.List;

/**
 * The watchdog. It is a conventional PCI device; on the root bus, where its address is free of root ports and
 * controllers, it needs no bridge.
 */
final class WatchdogPart implements DomainPart {
    private static final int SLOT = 0x18;

    @Override
    public List<Fragment> render(DomainInput input) {
        Watchdog watchdog = input.spec().watchdog();
        if (watchdog == null) {
            return List.of();
        }
        return List.of(Fragment.of(
                Place.DEVICES,
                element("watchdog")
                        .attribute("model", "i6300esb")
                        .attribute("action", watchdog.action() == WatchdogAction.RESET ? "reset" : "poweroff")
                        .with(RootPorts.address(0, SLOT, 0))));
    }
}
