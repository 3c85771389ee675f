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
    private final Hypervisor hypervisor;

    /**
     * The devices of a host.
     *
     * @param sysfs where the host's sysfs is mounted
     * @param proc where the host's procfs is mounted
     * @param hypervisor knows which of its domains has which device
     */
    public HostDevices(Path sysfs, Path proc, Quarantine quarantine, Hypervisor hypervisor) {
        this.pci = new SysfsPci(sysfs);
        this.use = new HostUseReader(sysfs, proc);
        this.quarantine = quarantine;
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

    /** A guest gets the device now; if it can never be reset, that was for the last time until the host reboots. */
    public void handOver(PciUnit unit, String vm) {
        if (unit.main().resetMethods().isEmpty()) {
            quarantine.put(
                    unit.name(),
                    "the kernel cannot reset " + unit.main() + ", so that what " + vm
                            + " left in it would be there for the next; it is free again when the host was rebooted");
        }
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
