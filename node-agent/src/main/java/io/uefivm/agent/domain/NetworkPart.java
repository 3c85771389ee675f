package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.BridgeNetwork;
import io.uefivm.api.v1alpha1.LibvirtNetwork;
import io.uefivm.api.v1alpha1.Network;
import io.uefivm.api.v1alpha1.NetworkModel;
import java.util.List;

/** Network cards. */
final class NetworkPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        BootOrder bootOrder = BootOrder.of(input.spec());
        return input.spec().networks().stream()
                .map(network -> Fragment.onPort(
                        Place.DEVICES, RootPorts.ofSpec(input.slot(network.name())), render(network, input, bootOrder)))
                .toList();
    }

    private static Element render(Network network, DomainInput input, BootOrder bootOrder) {
        var card = plugged(network)
                .with(
                        element("mac").attribute("address", input.macAddress(network)),
                        element("model")
                                .attribute("type", network.model() == NetworkModel.VIRTIO ? "virtio" : "e1000e"),
                        bootOrder.element(network.name()));
        // OVMF drives virtio itself. QEMU's option ROM would put iPXE in that driver's place, and a memory block whose
        // size
        // may differ between two hosts, which ends a live migration. For e1000e it is the only driver there is.
        return network.model() == NetworkModel.VIRTIO ? card.with(element("rom").attribute("enabled", "no")) : card;
    }

    private static Element plugged(Network network) {
        BridgeNetwork bridge = network.bridge();
        if (bridge != null) {
            return element("interface")
                    .attribute("type", "bridge")
                    .with(element("source").attribute("bridge", bridge.name()));
        }
        LibvirtNetwork libvirtNetwork = network.libvirtNetwork();
        if (libvirtNetwork != null) {
            return element("interface")
                    .attribute("type", "network")
                    .with(element("source").attribute("network", libvirtNetwork.name()));
        }
        return element("interface").attribute("type", "user");
    }
}
