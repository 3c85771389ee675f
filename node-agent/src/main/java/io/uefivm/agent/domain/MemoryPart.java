package io.uefivm.agent.domain;

import static io.uefivm.agent.domain.Element.element;

import io.fabric8.kubernetes.api.model.Quantity;
import io.uefivm.agent.domain.Fragment.Place;
import io.uefivm.api.v1alpha1.Hugepages;
import java.util.ArrayList;
import java.util.List;

/** Guest memory. */
final class MemoryPart implements DomainPart {
    private static final int KIB = 1024;

    @Override
    public List<Fragment> render(DomainInput input) {
        var fragments = new ArrayList<Fragment>();
        long bytes = input.spec().memory().bytes();
        long kibibytes = (bytes + KIB - 1) / KIB;
        fragments.add(Fragment.of(
                Place.HEAD, element("memory").attribute("unit", "KiB").text(kibibytes)));
        Hugepages hugepages = input.spec().memory().hugepages();
        if (hugepages != null) {
            fragments.add(Fragment.of(Place.HEAD, backing(hugepages, bytes)));
        }
        return fragments;
    }

    private static Element backing(Hugepages hugepages, long memoryBytes) {
        long pageBytes =
                Quantity.getAmountInBytes(Quantity.parse(hugepages.pageSize())).longValueExact();
        if (memoryBytes % pageBytes != 0) {
            throw new UnsupportedSpecException(
                    "spec.memory.size",
                    "is no multiple of hugepages.pageSize " + hugepages.pageSize()
                            + ", so that QEMU cannot take it from huge pages; round it up");
        }
        var page = element("page").attribute("size", pageBytes / KIB).attribute("unit", "KiB");
        return element("memoryBacking").with(element("hugepages").with(page));
    }
}
