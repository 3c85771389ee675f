package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.DiskBus;
import java.util.ArrayList;
import java.util.List;

/** The controllers of SATA and SCSI disks. */
final class StorageControllerPart implements DomainPart {
    /** Q35's own AHCI controller is in slot 1f of the root bus. */
    static final int OWN_AHCI_SLOT = 0x1f;

    @Override
    public List<Fragment> render(DomainInput input) {
        var fragments = new ArrayList<Fragment>();
        int sata = highest(input, DiskBus.SATA) + 1;
        for (int index = 0; index * DiskSlot.SATA_PORTS < sata; index++) {
            fragments.add(Fragment.of(Place.CONTROLLERS, ahci(index)));
        }
        if (highest(input, DiskBus.SCSI) >= 0) {
            fragments.add(Fragment.onPort(
                    Place.CONTROLLERS,
                    RootPorts.SCSI,
                    element("controller")
                            .attribute("type", "scsi")
                            .attribute("index", 0)
                            .attribute("model", "virtio-scsi")));
        }
        return fragments;
    }

    /** The highest place on that bus; -1 when nothing is on it. */
    private static int highest(DomainInput input, DiskBus bus) {
        return input.spec().disks().stream()
                .filter(disk -> disk.attachedTo() == bus)
                .mapToInt(disk -> input.slot(disk.name()))
                .max()
                .orElse(-1);
    }

    /**
     * More than Q35's own go into the slots below it, where libvirt puts nothing by itself. Left alone, libvirt would
     * bring in a conventional PCI bridge for them.
     */
    private static Element ahci(int index) {
        var controller = element("controller").attribute("type", "sata").attribute("index", index);
        return index == 0 ? controller : controller.with(RootPorts.address(0, OWN_AHCI_SLOT - index, 0));
    }
}
