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
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this host can do. The accelerator is tried once for each connection to libvirt; firmware is read anew each time,
 * so that an upgraded package shows.
 */
public final class HostProbe {
    private static final Path KVM = Path.of("/dev/kvm");

    private final Hypervisor hypervisor;
    private final AgentOptions options;
    private final Supplier<List<Condition>> previousConditions;
    private final Clock clock;
    private final AcceleratorProbe acceleratorProbe;
    private final FirmwareReader firmware;
    private @Nullable Tried tried;

    private record Tried(HypervisorFacts facts, Optional<Accelerator> accelerator, boolean smm) {}

    /**
     * A probe.
     *
     * @param previousConditions the conditions that the UefiHost has, whose transition times are kept
     */
    public HostProbe(
            Hypervisor hypervisor, AgentOptions options, Supplier<List<Condition>> previousConditions, Clock clock) {
        this.hypervisor = hypervisor;
        this.options = options;
        this.previousConditions = previousConditions;
        this.clock = clock;
        this.firmware = new FirmwareReader(options.hostRoot());
        this.acceleratorProbe =
                new AcceleratorProbe(hypervisor, options.stateDir().resolve("probe"));
        hypervisor.onEvent(event -> {
            if (event instanceof DomainEvent.Reconnected) {
                forget();
            }
        });
    }

    private synchronized void forget() {
        tried = null;
    }

    /**
     * The accelerator that domains of this host use.
     *
     * @throws HypervisorException when libvirt does not answer, or nothing executes a guest here
     */
    public Accelerator accelerator() throws HypervisorException {
        return attempt()
                .accelerator()
                .orElseThrow(() -> new HypervisorException(
                        HypervisorException.Kind.UNAVAILABLE, "neither KVM nor emulation executes a guest here", null));
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
        return attempt().smm();
    }

    /** Versioned Q35 machine types, newest first. */
    public List<String> machineTypes() throws HypervisorException {
        return attempt().facts().machineTypes();
    }

    /** The firmware builds that are on the host now. */
    public List<FirmwareImage> firmware() {
        return firmware.read().images();
    }

    private synchronized Tried attempt() throws HypervisorException {
        Tried known = tried;
        if (known == null) {
            HypervisorFacts facts = hypervisor.facts();
            Optional<Accelerator> accelerator = accelerator(facts);
            boolean smm = accelerator
                    .map(a -> a == Accelerator.TCG || KvmSmm.available(KVM))
                    .orElse(false);
            known = new Tried(facts, accelerator, smm);
            tried = known;
        }
        return known;
    }

    private Optional<Accelerator> accelerator(HypervisorFacts facts) throws HypervisorException {
        if (facts.machineTypes().isEmpty()) {
            return Optional.empty();
        }
        String machine = facts.machineTypes().get(0);
        List<Accelerator> candidates =
                options.accelerator().map(List::of).orElseGet(() -> List.of(Accelerator.KVM, Accelerator.TCG));
        for (Accelerator candidate : candidates) {
            if (acceleratorProbe.works(candidate, machine)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** What the agent says of this host. */
    public UefiHostStatus status() {
        FirmwareCatalog catalog = firmware.read();
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
                conditions.build());
    }

    private @Nullable Virtualization virtualization(Conditions conditions) {
        try {
            Tried now = attempt();
            String accelerator = now.accelerator().map(Accelerator::label).orElse(null);
            if (accelerator == null) {
                conditions.with(
                        ConditionType.Virtualization,
                        false,
                        Reason.ProbeFailed,
                        "libvirt answers, but a trial guest ran neither with KVM nor emulated; is qemu-system-x86"
                                + " installed?");
            } else {
                conditions.with(
                        ConditionType.Virtualization,
                        true,
                        Reason.Running,
                        "A trial guest ran with " + accelerator
                                + (now.smm() ? "" : ", which has no System Management Mode: no Secure Boot here"));
            }
            return new Virtualization(
                    now.facts().libvirtVersion(),
                    now.facts().qemuVersion(),
                    accelerator,
                    now.smm(),
                    now.facts().machineTypes());
        } catch (HypervisorException e) {
            conditions.with(
                    ConditionType.Virtualization,
                    false,
                    Reason.HypervisorUnavailable,
                    Objects.requireNonNullElse(e.getMessage(), "libvirt does not answer"));
            return null;
        }
    }

    private static String problems(FirmwareCatalog catalog) {
        return catalog.problems().isEmpty() ? "" : "; " + String.join("; ", catalog.problems());
    }

    private static String version() {
        return Objects.requireNonNullElse(HostProbe.class.getPackage().getImplementationVersion(), "development");
    }
}
