package io.uefivm.agent.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.firmware.FirmwareCatalog;
import io.uefivm.agent.firmware.FirmwareImage;
import io.uefivm.agent.firmware.FirmwareReader;
import io.uefivm.agent.hypervisor.DomainEvent;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.api.v1alpha1.AgentInfo;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.HostPciDevice;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this host can do. The accelerator is tried once for each connection to libvirt and each version of QEMU;
 * firmware is looked at anew each time, so that an upgraded package shows.
 */
public final class HostProbe implements HostAbilities {
    private static final Logger LOG = LoggerFactory.getLogger(HostProbe.class);
    private static final Path KVM = Path.of("/dev/kvm");
    private static final Path VHOST_VSOCK = Path.of("/dev/vhost-vsock");

    private final Hypervisor hypervisor;
    private final AgentOptions options;
    private final Supplier<List<Condition>> previousConditions;
    private final Supplier<List<HostPciDevice>> devices;
    private final Clock clock;
    private final AcceleratorTrial trial;
    private final FirmwareReader firmware;
    private final FirmwareNews firmwareNews = new FirmwareNews();
    /** Raised with each new connection, whatever is being tried on an older one at that moment. */
    private final AtomicInteger connection = new AtomicInteger();

    private @Nullable Tried tried;

    private record Tried(int connection, Ability ability) {}

    /**
     * A probe.
     *
     * @param previousConditions the conditions that the UefiHost has, whose transition times are kept
     * @param devices the PCI devices of this host
     */
    public HostProbe(
            Hypervisor hypervisor,
            AgentOptions options,
            Supplier<List<Condition>> previousConditions,
            Supplier<List<HostPciDevice>> devices,
            Clock clock) {
        this(
                hypervisor,
                options,
                previousConditions,
                devices,
                clock,
                new AcceleratorProbe(hypervisor, options.stateDir().resolve("probe")));
    }

    HostProbe(
            Hypervisor hypervisor,
            AgentOptions options,
            Supplier<List<Condition>> previousConditions,
            Supplier<List<HostPciDevice>> devices,
            Clock clock,
            AcceleratorTrial trial) {
        this.hypervisor = hypervisor;
        this.options = options;
        this.previousConditions = previousConditions;
        this.devices = devices;
        this.clock = clock;
        this.trial = trial;
        this.firmware = new FirmwareReader(options.hostRoot());
        hypervisor.onEvent(event -> {
            if (event instanceof DomainEvent.Reconnected) {
                connection.incrementAndGet();
            }
        });
    }

    /**
     * The accelerator that domains of this host use.
     *
     * @throws HypervisorException when libvirt does not answer, or nothing executes a guest here
     */
    public Accelerator accelerator() throws HypervisorException {
        Ability ability = ability();
        return ability.accelerator()
                .orElseThrow(() -> new HypervisorException(HypervisorException.Kind.UNAVAILABLE, ability.text(), null));
    }

    /** Name of the accelerator in status and labels; of emulation while nothing is known. */
    public String acceleratorLabel() {
        try {
            return accelerator().label();
        } catch (HypervisorException e) {
            return Accelerator.TCG.label();
        }
    }

    /** Whether the accelerator offers System Management Mode. */
    public boolean smm() throws HypervisorException {
        return ability().smm();
    }

    /** Versioned Q35 machine types, newest first. */
    public List<String> machineTypes() throws HypervisorException {
        return ability().facts().machineTypes();
    }

    /** The firmware builds that are on the host now. */
    public List<FirmwareImage> firmware() {
        return firmware.read().images();
    }

    /** As it was tried last on this connection. */
    private synchronized Ability ability() throws HypervisorException {
        Tried known = tried;
        return known != null && known.connection() == connection.get() ? known.ability() : look();
    }

    /** Asks libvirt, and tries again if anything speaks for another result. */
    private synchronized Ability look() throws HypervisorException {
        int now = connection.get();
        HypervisorFacts facts = hypervisor.facts();
        Tried known = tried;
        if (known != null
                && known.connection() == now
                && known.ability().facts().equals(facts)
                && known.ability().accelerator().isPresent()) {
            return known.ability();
        }
        Ability ability = attempt(facts);
        tried = new Tried(now, ability);
        return ability;
    }

    private Ability attempt(HypervisorFacts facts) throws HypervisorException {
        var objections = new ArrayList<String>();
        if (!facts.machineTypes().isEmpty()) {
            List<Accelerator> candidates =
                    options.accelerator().map(List::of).orElseGet(() -> List.of(Accelerator.KVM, Accelerator.TCG));
            for (Accelerator candidate : candidates) {
                Optional<String> objection =
                        trial.objection(candidate, facts.machineTypes().get(0));
                if (objection.isEmpty()) {
                    boolean smm = candidate == Accelerator.TCG || KvmSmm.available(KVM);
                    return new Ability(facts, Optional.of(candidate), smm, objections);
                }
                LOG.info("accelerator={} executes no guest: {}", candidate.label(), objection.get());
                objections.add(candidate.label() + ": " + objection.get());
            }
        }
        return new Ability(facts, Optional.empty(), false, objections);
    }

    private synchronized Optional<Ability> lastKnown() {
        return Optional.ofNullable(tried).map(Tried::ability);
    }

    @Override
    public boolean changed() {
        return firmwareNews.in(firmware.read());
    }

    @Override
    public UefiHostStatus status() {
        FirmwareCatalog catalog = firmware.read();
        firmwareNews.reported(catalog);
        var conditions = Conditions.after(previousConditions.get(), null, clock.instant());
        Virtualization virtualization = virtualization(conditions);
        if (catalog.images().isEmpty()) {
            conditions.with(
                    ConditionType.FirmwareAvailable,
                    false,
                    Reason.FirmwareNotFound,
                    "No UEFI firmware for x86_64 in /usr/share/qemu/firmware or /etc/qemu/firmware; install the ovmf"
                            + " package" + problems(catalog));
        } else {
            conditions.with(
                    ConditionType.FirmwareAvailable,
                    true,
                    Reason.FirmwareFound,
                    catalog.images().size() + " UEFI firmware builds" + problems(catalog));
        }
        return new UefiHostStatus(
                new AgentInfo(version()),
                virtualization,
                catalog.images().stream().map(FirmwareImage::build).toList(),
                devices.get(),
                conditions.build());
    }

    /** While libvirt is away, what it could do stays said, and the condition says that it is away. */
    private @Nullable Virtualization virtualization(Conditions conditions) {
        try {
            Ability ability = look();
            boolean works = ability.accelerator().isPresent();
            conditions.with(
                    ConditionType.Virtualization, works, works ? Reason.Running : Reason.ProbeFailed, ability.text());
            return ability.toVirtualization(VhostVsock.usable(VHOST_VSOCK));
        } catch (HypervisorException e) {
            conditions.with(
                    ConditionType.Virtualization,
                    false,
                    Reason.HypervisorUnavailable,
                    Objects.requireNonNullElse(e.getMessage(), "libvirt does not answer"));
            return lastKnown()
                    .map(ability -> ability.toVirtualization(VhostVsock.usable(VHOST_VSOCK)))
                    .orElse(null);
        }
    }

    private static String problems(FirmwareCatalog catalog) {
        return catalog.problems().isEmpty() ? "" : "; " + String.join("; ", catalog.problems());
    }

    private static String version() {
        return Objects.requireNonNullElse(HostProbe.class.getPackage().getImplementationVersion(), "development");
    }
}
