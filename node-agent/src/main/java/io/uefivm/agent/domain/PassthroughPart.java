package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Devices of the host. All functions of a slot are functions of one slot again, each with its number, behind a root
 * port of their own: a driver looks for the sound of a graphics card beside it. No legacy VGA: OVMF draws with the
 * card's own UEFI driver. libvirt takes the device from its driver on the host and gives it back.
 */
final class PassthroughPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        var fragments = new ArrayList<Fragment>();
        for (Device wanted : input.spec().devices()) {
            HostDevice device = input.hostDevice(wanted);
            int port = RootPorts.ofSpec(input.slot(wanted.name()));
            for (PciAddress function : device.functions()) {
                int number = device.guestFunction(function);
                var guestAddress = RootPorts.address(port, 0, number);
                boolean announcesOthers = number == 0 && device.functions().size() > 1;
                fragments.add(new Fragment(
                        Place.DEVICES,
                        withRom(hostDevice(function), number == 0 ? device.rom() : Optional.empty())
                                .with(announcesOthers ? guestAddress.attribute("multifunction", "on") : guestAddress),
                        port));
            }
        }
        return fragments;
    }

    /** Firmware looks for a driver in the ROM of each function; a card's is that of its first. */
    private static Element withRom(Element hostDevice, Optional<String> rom) {
        return rom.map(path -> hostDevice.with(element("rom").attribute("file", path)))
                .orElse(hostDevice);
    }

    private static Element hostDevice(PciAddress function) {
        var address = element("address")
                .attribute("domain", String.format("0x%04x", function.domain()))
                .attribute("bus", String.format("0x%02x", function.bus()))
                .attribute("slot", String.format("0x%02x", function.slot()))
                .attribute("function", "0x" + function.function());
        return element("hostdev")
                .attribute("mode", "subsystem")
                .attribute("type", "pci")
                .attribute("managed", "yes")
                .with(
                        element("driver").attribute("name", "vfio"),
                        element("source").with(address));
    }
}
