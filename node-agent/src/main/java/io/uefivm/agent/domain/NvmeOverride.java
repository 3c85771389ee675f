package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskBus;
import java.util.List;

/**
 * Makes NVMe controllers of virtio disks. libvirt 9.0 has no emulated NVMe, but lets any property of a device be
 * replaced (since 8.2): QEMU's {@code nvme} takes all the others as they are. So libvirt still owns the disk: it opens
 * and labels the image, gives the address, the serial number and the place in the boot order.
 */
final class NvmeOverride implements DomainPart {
    private static final String NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0";

    @Override
    public List<Fragment> render(DomainInput input) {
        List<Element> devices = input.spec().disks().stream()
                .filter(disk -> disk.attachedTo() == DiskBus.NVME)
                .map(NvmeOverride::device)
                .toList();
        return devices.isEmpty()
                ? List.of()
                : List.of(Fragment.of(
                        Place.OVERRIDES,
                        element("qemu:override")
                                .attribute("xmlns:qemu", NAMESPACE)
                                .with(devices)));
    }

    /** The disk's own name in libvirt, which an override needs. */
    static Element alias(Disk disk) {
        return element("alias").attribute("name", name(disk));
    }

    private static String name(Disk disk) {
        return "ua-" + disk.name();
    }

    private static Element device(Disk disk) {
        var driver = element("qemu:property")
                .attribute("name", "driver")
                .attribute("type", "string")
                .attribute("value", "nvme");
        return element("qemu:device")
                .attribute("alias", name(disk))
                .with(element("qemu:frontend").with(driver));
    }
}
