package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;

/** What the guest reads of its own machine. libvirt insists that the UUID here is the domain's. */
final class SmbiosPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        String uuid = input.identity().uuid();
        var system = element("system")
                .with(
                        entry("manufacturer", "uefivm"),
                        entry("product", "UEFI Virtual Machine"),
                        entry("serial", uuid),
                        entry("uuid", uuid));
        return List.of(
                Fragment.of(
                        Place.HEAD,
                        element("sysinfo").attribute("type", "smbios").with(system)),
                Fragment.of(Place.OS, element("smbios").attribute("mode", "sysinfo")));
    }

    private static Element entry(String name, String value) {
        return element("entry").attribute("name", name).text(value);
    }
}
