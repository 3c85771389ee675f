package io.uefivm.agent.pci;

import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.RunningDomain;
import io.uefivm.api.v1alpha1.HostPciDevice;
import io.uefivm.api.v1alpha1.PciBar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The PCI devices of this host as they are now, and which VM has which. Nothing is remembered but the quarantine. */
public final class HostDevices {
    /** Of a server full of virtual functions; more than a UefiHost says. */
    private static final int MOST_REPORTED = 256;

    private final SysfsPci pci;
    private final HostUseReader use;
    private final Quarantine quarantine;
    private final HandOvers handOvers;
    private final Hypervisor hypervisor;

    /**
     * The devices of a host.
     *
     * @param sysfs where the host's sysfs is mounted
     * @param proc where the host's procfs is mounted
     * @param handOvers remembers which VM got which device
     * @param hypervisor knows which of its domains has which device
     */
    public HostDevices(Path sysfs, Path proc, Quarantine quarantine, HandOvers handOvers, Hypervisor hypervisor) {
        this.pci = new SysfsPci(sysfs);
        this.use = new HostUseReader(sysfs, proc);
        this.quarantine = quarantine;
        this.handOvers = handOvers;
        this.hypervisor = hypervisor;
    }

    /** Who may have what, as of now. */
    public PassthroughRules rules() {
        return new PassthroughRules(pci.read(), use.read(), quarantine.kept());
    }

    /** The running domain that has each device that is passed through, by name of the device. */
    public Map<String, RunningDomain> holders() throws HypervisorException {
        var holders = new HashMap<String, RunningDomain>();
        for (RunningDomain domain : hypervisor.domains()) {
            domain.owner().devices().forEach(device -> holders.put(device, domain));
        }
        return holders;
    }

    /**
     * What can be counted: whether each device can be given away, by its name, by extended resource.
     *
     * @param given devices that kubelet gave to pods, of those resources. One that a VM has without that was asked for by
     *     its address, and cannot be given away meanwhile.
     */
    public Map<String, Map<String, Boolean>> counted(Function<Set<String>, Set<String>> given) {
        PassthroughRules rules = rules();
        Map<String, List<PciUnit>> units = rules.inventory().units().stream()
                .filter(rules::isForGuests)
                .collect(Collectors.groupingBy(PciUnit::resourceName));
        Set<String> held = held();
        Set<String> byCount = held.isEmpty() ? Set.of() : given.apply(units.keySet());
        var counted = new HashMap<String, Map<String, Boolean>>();
        units.forEach((resource, devices) -> counted.put(
                resource,
                devices.stream()
                        .collect(Collectors.toMap(
                                PciUnit::name,
                                unit -> rules.objection(unit, List.of(unit)).isEmpty()
                                        && (!held.contains(unit.name()) || byCount.contains(unit.name()))))));
        return counted;
    }

    private Set<String> held() {
        try {
            return holders().keySet();
        } catch (HypervisorException e) {
            throw new UncheckedIOException(new IOException("libvirt does not say which VM has which device", e));
        }
    }

    /**
     * A guest gets the device now; if it can never be reset, that was for the last time until the host reboots.
     *
     * @param vm name of the VM, for people
     */
    public void handOver(PciUnit unit, String vm, String vmUid) {
        handOvers.put(unit.name(), vmUid);
        if (unit.main().resetMethods().isEmpty()) {
            quarantine.put(
                    unit.name(),
                    "the kernel cannot reset " + unit.main() + ", so that what " + vm
                            + " left in it would be there for the next; it is free again when the host was rebooted");
        }
    }

    /**
     * Looks at the devices that a VM had, once libvirt has taken them back and reset them. What is not in order goes to
     * nobody.
     *
     * @param vm name of the VM, for people
     * @return a sentence of each that did not come back in order
     */
    public List<String> takeBack(String vm, String vmUid) {
        List<String> names = handOvers.of(vmUid);
        if (names.isEmpty()) {
            return List.of();
        }
        PciInventory inventory = pci.read();
        return names.stream()
                .flatMap(name -> complaint(inventory, name, vm).stream())
                .toList();
    }

    private Optional<String> complaint(PciInventory inventory, String name, String vm) {
        Optional<PciUnit> unit = inventory.unit(name);
        if (unit.isPresent() && unit.get().main().resetMethods().isEmpty()) {
            // It was put there when the guest got it.
            return Optional.of(
                    name + " cannot be reset and is in quarantine: no VM gets it before the host was rebooted");
        }
        Optional<String> fault = unit.isEmpty()
                ? Optional.of(name + " is gone from the bus")
                : unit.get().functions().stream()
                        .flatMap(function -> function.fault().map(what -> function + " " + what).stream())
                        .findFirst();
        return fault.map(what -> {
            quarantine.put(
                    name,
                    what + " since " + vm + " had it; it is free again when the host was rebooted, or when the file "
                            + quarantine.file(name) + " is removed there");
            return what
                    + " since this VM had it, and is in quarantine: no VM gets it before the host was rebooted, or the"
                    + " file " + quarantine.file(name) + " is removed there";
        });
    }

    /** The VM has given back what it had. */
    public void forget(String vmUid) {
        handOvers.forget(vmUid);
    }

    /** What the UefiHost says of the devices. */
    public List<HostPciDevice> report() {
        PassthroughRules rules = rules();
        Map<String, RunningDomain> holders = new HashMap<>();
        try {
            holders.putAll(holders());
        } catch (HypervisorException e) {
            // Said in the condition Virtualization; who has what shows again when libvirt does.
            holders.clear();
        }
        return rules.inventory().units().stream()
                .filter(PciUnit::isWorthPassing)
                .limit(MOST_REPORTED)
                .map(unit -> report(unit, rules, holders.get(unit.name())))
                .toList();
    }

    private static HostPciDevice report(PciUnit unit, PassthroughRules rules, @Nullable RunningDomain holder) {
        PciFunction main = unit.main();
        return new HostPciDevice(
                unit.name(),
                main.vendor(),
                main.device(),
                main.pciClass().toString(),
                unit.resourceName(),
                unit.functions().stream().map(f -> f.address().toString()).toList(),
                main.driver(),
                main.group(),
                rules.inventory().companions(unit).stream()
                        .map(PciFunction::toString)
                        .toList(),
                unit.functions().stream()
                        .flatMap(f -> f.bars().stream()
                                .map(bar -> new PciBar(
                                        f.address().toString(),
                                        bar.index(),
                                        bar.bytes(),
                                        bar.wide() ? 64 : 32,
                                        bar.prefetchable())))
                        .toList(),
                main.resetMethods(),
                main.physicalFunction().map(Object::toString).orElse(null),
                holder == null ? null : holder.owner().vm(),
                rules.objection(unit, List.of(unit)).orElse(null));
    }
}
