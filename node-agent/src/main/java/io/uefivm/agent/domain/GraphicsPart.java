package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.GraphicsType;
import java.util.List;

/**
 * The emulated screen, with a pointer that follows the viewer's. {@code bochs} is a frame buffer without legacy VGA,
 * which OVMF draws on and guests go on using without a driver of their own. It is reachable on the host's loopback
 * address only.
 */
final class GraphicsPart implements DomainPart {
    private static final String LOOPBACK = "127.0.0.1";

    @Override
    public List<Fragment> render(DomainInput input) {
        if (input.spec().effectiveGraphics() == GraphicsType.None) {
            return List.of(Fragment.of(Place.DEVICES, video("none")));
        }
        var vnc = element("graphics")
                .attribute("type", "vnc")
                .attribute("autoport", "yes")
                .with(element("listen").attribute("type", "address").attribute("address", LOOPBACK));
        return List.of(
                Fragment.of(
                        Place.DEVICES,
                        element("input")
                                .attribute("type", "tablet")
                                .attribute("bus", "usb")
                                .with(UsbPart.port(UsbPart.TABLET))),
                Fragment.of(Place.DEVICES, vnc),
                Fragment.of(Place.DEVICES, video("bochs")));
    }

    private static Element video(String model) {
        return element("video").with(element("model").attribute("type", model));
    }
}
