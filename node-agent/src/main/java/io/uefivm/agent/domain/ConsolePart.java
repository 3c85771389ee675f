package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** The serial console, for people and in a file. Firmware and loaders speak to it before any driver is there. */
final class ConsolePart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var serial = element("serial")
                .attribute("type", "pty")
                .with(
                        element("log").attribute("file", input.consoleLogPath()).attribute("append", "on"),
                        element("target").attribute("type", "isa-serial").attribute("port", 0));
        var console = element("console")
                .attribute("type", "pty")
                .with(element("target").attribute("type", "serial").attribute("port", 0));
        return List.of(Fragment.of(Place.DEVICES, serial), Fragment.of(Place.DEVICES, console));
    }
}
