package io.uefivm.agent.domain;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;

import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place of every disk and network in the boot order, from 1. Those with a {@code bootOrder} come first, in that
 * order, then disks and then networks as they are listed.
 *
 * <p>Every one gets its place: OVMF moves the boot entries of devices that QEMU names in this order to the front and
 * removes those of devices that it does not name.
 */
record BootOrder(List<String> names) {
    BootOrder {
        names = List.copyOf(names);
    }

    static BootOrder of(UefiVirtualMachineSpec spec) {
        var all = new ArrayList<Bootable>();
        spec.disks().forEach(disk -> all.add(new Bootable(disk.name(), disk.bootOrder())));
        spec.networks().forEach(network -> all.add(new Bootable(network.name(), network.bootOrder())));
        return new BootOrder(all.stream()
                .sorted(comparing(Bootable::order, nullsLast(naturalOrder())))
                .map(Bootable::name)
                .toList());
    }

    /** The {@code boot} element of a disk or network of the spec. */
    Element element(String name) {
        return Element.element("boot").attribute("order", names.indexOf(name) + 1);
    }

    private record Bootable(String name, @Nullable Integer order) {}
}
