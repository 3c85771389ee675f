package io.uefivm.agent.pci;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a unit can be given to a guest. The kernel hands over whole IOMMU groups only, because the members can reach
 * each other past the IOMMU.
 *
 * @param quarantined why nobody may have a unit, by its name
 */
public record PassthroughRules(PciInventory inventory, HostUse hostUse, Map<String, String> quarantined) {
    public PassthroughRules {
        quarantined = Map.copyOf(quarantined);
    }

    /**
     * Why a unit cannot be passed through, with the remedy.
     *
     * @param together all units that the same VM gets, this one included
     */
    public Optional<String> objection(PciUnit unit, Collection<PciUnit> together) {
        String kept = quarantined.get(unit.name());
        if (kept != null) {
            return Optional.of(unit.name() + " is in quarantine: " + kept);
        }
        for (PciFunction function : unit.functions()) {
            Optional<String> objection = objection(function);
            if (objection.isPresent()) {
                return objection;
            }
        }
        return groupObjection(unit, together);
    }

    /**
     * Whether a device could ever be a guest's as the host is set up now, so that it counts as one, even if it is out of
     * order or in a group with others.
     */
    public boolean isForGuests(PciUnit unit) {
        return unit.isWorthPassing()
                && unit.functions().stream().noneMatch(f -> hostsOwn(f).isPresent());
    }

    private Optional<String> objection(PciFunction function) {
        if (function.fault().isPresent()) {
            return Optional.of(function + " " + function.fault().get()
                    + "; a cold start of the host brings it back, if anything does");
        }
        Optional<String> own = hostsOwn(function);
        if (own.isPresent()) {
            return own;
        }
        if (function.virtualFunctions() > 0) {
            return Optional.of(function + " has " + function.virtualFunctions()
                    + " virtual functions, which would go with it; pass one of those through, or write 0 to its"
                    + " sriov_numvfs");
        }
        return Optional.empty();
    }

    private Optional<String> hostsOwn(PciFunction function) {
        if (function.pciClass().isBridge()) {
            return Optional.of(function + " is a bridge; its slot stays with the host");
        }
        if (function.group() == null) {
            return Optional.of(function
                    + " has no IOMMU group; switch the IOMMU on in the host's firmware (VT-d, AMD-Vi) and kernel"
                    + " (intel_iommu=on)");
        }
        Optional<String> use = hostUse.of(function.address());
        if (use.isPresent()) {
            return Optional.of("the host itself needs " + function + ": it " + use.get());
        }
        if (function.bootDisplay() && function.isDrivenByHost()) {
            return Optional.of(function + " is the screen that the host boots on; let the host boot on another one, or"
                    + " bind it to vfio-pci at boot (vfio-pci.ids=" + function.vendor() + ":" + function.device()
                    + ") and do without");
        }
        return Optional.empty();
    }

    private Optional<String> groupObjection(PciUnit unit, Collection<PciUnit> together) {
        List<PciFunction> others = inventory.companions(unit).stream()
                .filter(PassthroughRules::hinders)
                .filter(other -> together.stream().noneMatch(t -> t.functions().contains(other)))
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(unit.name() + " shares its IOMMU group with "
                        + others.stream().map(PciFunction::toString).collect(Collectors.joining(", "))
                        + "; a group goes to one guest as a whole: name the others in devices of the same VM too, or"
                        + " move the card to a slot with a group of its own");
    }

    /** As VFIO sees it: bridges between PCI buses never do, others only while a driver has them. */
    private static boolean hinders(PciFunction other) {
        return !other.pciClass().isPciBridge() && (!other.pciClass().isBridge() || other.isDrivenByHost());
    }
}
