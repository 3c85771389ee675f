package io.uefivm.agent.pci;

import io.uefivm.agent.domain.PciAddress;
import io.uefivm.api.v1alpha1.PciDevice;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is passed through as one: all functions of a slot, or one virtual function, which shares a slot number with
 * others but nothing else.
 *
 * @param name the slot, for example {@code 0000:01:00}, or the function, for example {@code 0000:3b:02.1}
 * @param functions ascending, at least one
 */
public record PciUnit(String name, List<PciFunction> functions) {
    public PciUnit {
        functions = List.copyOf(functions);
    }

    /** The first function, which is what a card is known by. */
    public PciFunction main() {
        return functions.get(0);
    }

    /** The extended resource that devices of this kind are counted as. */
    public String resourceName() {
        return PciDevice.resourceOf(main().vendor(), main().device());
    }

    public List<PciAddress> addresses() {
        return functions.stream().map(PciFunction::address).toList();
    }

    /** Its IOMMU groups; a function without one adds none. */
    public Set<Integer> groups() {
        return functions.stream()
                .map(PciFunction::group)
                .flatMap(Stream::ofNullable)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether it is something for a guest: one of its functions is, and none is a bridge. */
    public boolean isWorthPassing() {
        return functions.stream().anyMatch(f -> f.pciClass().isWorthPassing())
                && functions.stream().noneMatch(f -> f.pciClass().isBridge());
    }

    @Override
    public String toString() {
        return name;
    }
}
