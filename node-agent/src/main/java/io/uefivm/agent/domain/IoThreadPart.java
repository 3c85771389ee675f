package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Disk;
import java.util.List;

/** Threads that serve one disk each. The guest does not see them, so their numbers may change with every start. */
final class IoThreadPart implements DomainPart {
    @Override
    public List<Fragment> render(DomainInput input) {
        int threads = served(input).size();
        return threads == 0
                ? List.of()
                : List.of(Fragment.of(Place.HEAD, element("iothreads").text(threads)));
    }

    /** The driver of a disk, with the thread that serves it. libvirt counts them from 1. */
    static Element assign(Element driver, Disk disk, DomainInput input) {
        int index = served(input).indexOf(disk.name());
        return index < 0 ? driver : driver.attribute("iothread", index + 1);
    }

    private static List<String> served(DomainInput input) {
        return input.spec().disks().stream()
                .filter(Disk::hasIoThread)
                .map(Disk::name)
                .toList();
    }
}
