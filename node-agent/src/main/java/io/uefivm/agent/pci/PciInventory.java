package io.uefivm.agent.pci;

import static java.util.stream.Collectors.groupingBy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All PCI functions of a host at one moment. */
public record PciInventory(List<PciFunction> functions) {
    public PciInventory {
        functions = functions.stream()
                .sorted(Comparator.comparing(PciFunction::address))
                .toList();
    }

    /** What could be passed through as one, whether or not a VM may have it, in the order of the addresses. */
    public List<PciUnit> units() {
        var units =
                new TreeMap<String, List<PciFunction>>(functions.stream().collect(groupingBy(PciInventory::unitName)));
        return units.entrySet().stream()
                .map(unit -> new PciUnit(unit.getKey(), unit.getValue()))
                .sorted(Comparator.comparing(unit -> unit.main().address()))
                .toList();
    }

    private static String unitName(PciFunction function) {
        return function.physicalFunction().isPresent()
                ? function.address().toString()
                : function.address().slotText();
    }

    /** The unit of that name. */
    public Optional<PciUnit> unit(String name) {
        return units().stream().filter(unit -> unit.name().equals(name)).findFirst();
    }

    /** What else is in the IOMMU groups of a unit. */
    public List<PciFunction> companions(PciUnit unit) {
        Set<Integer> groups = unit.groups();
        return functions.stream()
                .filter(f -> f.group() != null && groups.contains(f.group()))
                .filter(f -> !unit.functions().contains(f))
                .toList();
    }
}
