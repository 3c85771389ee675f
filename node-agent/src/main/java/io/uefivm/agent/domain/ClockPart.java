package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.GuestOs;
import java.util.List;

/** Clock and timers. Windows takes the hardware clock to show local time, every other guest takes it to show UTC. */
final class ClockPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var clock = element("clock")
                .attribute("offset", input.spec().guestOS() == GuestOs.Windows ? "localtime" : "utc")
                .with(
                        timer("rtc").attribute("tickpolicy", "catchup"),
                        timer("pit").attribute("tickpolicy", "delay"),
                        timer("hpet").attribute("present", "no"));
        return List.of(Fragment.of(
                Place.BODY,
                HyperVPart.applies(input) ? clock.with(timer("hypervclock").attribute("present", "yes")) : clock));
    }

    private static Element timer(String name) {
        return element("timer").attribute("name", name);
    }
}
