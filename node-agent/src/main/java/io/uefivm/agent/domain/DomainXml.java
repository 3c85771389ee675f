package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import java.util.List;
import java.util.stream.Stream;

/** Domain XML of libvirt, for a transient UEFI domain. The same input gives the same text. */
public final class DomainXml {
    /** Each contributes on its own; their order is only that of the text. */
    private static final List<DomainPart> PARTS = List.of(
            new MachinePart(),
            new OwnerPart(),
            new MemoryPart(),
            new DeviceMemoryPart(),
            new ResourcePart(),
            new CpuPart(),
            new IoThreadPart(),
            new PinningPart(),
            new SmbiosPart(),
            new FirmwarePart(),
            new HyperVPart(),
            new ClockPart(),
            new StorageControllerPart(),
            new UsbPart(),
            new DiskPart(),
            new NvmeOverride(),
            new NetworkPart(),
            new ConsolePart(),
            new GuestAgentPart(),
            new TpmPart(),
            new GraphicsPart(),
            new RngPart(),
            new WatchdogPart(),
            new VsockPart(),
            new BalloonPart(),
            new PassthroughPart());

    private DomainXml() {}

    /**
     * Renders the domain.
     *
     * @throws UnsupportedSpecException when the spec asks for something that libvirt cannot do
     */
    public static String render(DomainInput input) {
        List<Fragment> fragments =
                PARTS.stream().flatMap(part -> part.render(input).stream()).toList();
        var ports =
                new RootPorts(fragments.stream().mapToInt(Fragment::port).max().orElse(0));
        return ElementWriter.write(assemble(
                input.accelerator(),
                Stream.of(ports.controllers(), fragments).flatMap(List::stream).toList()));
    }

    private static Element assemble(Accelerator accelerator, List<Fragment> fragments) {
        return element("domain")
                .attribute("type", accelerator.domainType())
                .with(at(Place.HEAD, fragments))
                .with(element("os").with(at(Place.OS, fragments)))
                .with(element("features").with(at(Place.FEATURES, fragments)))
                .with(at(Place.BODY, fragments))
                .with(element("devices").with(at(Place.CONTROLLERS, fragments)).with(at(Place.DEVICES, fragments)))
                .with(at(Place.OVERRIDES, fragments));
    }

    private static List<Element> at(Place place, List<Fragment> fragments) {
        return fragments.stream()
                .filter(fragment -> fragment.place() == place)
                .map(Fragment::element)
                .toList();
    }
}
