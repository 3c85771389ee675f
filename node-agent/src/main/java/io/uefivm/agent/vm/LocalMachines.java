package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.domain.DiskSource;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.DomainOwner;
import io.uefivm.agent.domain.DomainXml;
import io.uefivm.agent.domain.PciAddress;
import io.uefivm.agent.domain.UnsupportedSpecException;
import io.uefivm.agent.firmware.FirmwareCatalog;
import io.uefivm.agent.host.HostProbe;
import io.uefivm.agent.host.PciSlots;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.nvram.Commit;
import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.Initial;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.nvram.Preparation;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.Opened;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Device;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The VMs of this host for real: claims, variable stores, stable paths, libvirt. */
public final class LocalMachines implements Machines {
    private static final Logger LOG = LoggerFactory.getLogger(LocalMachines.class);
    private static final int MOST_CONSOLE = 256 * 1024;

    private final AgentOptions options;
    private final Hypervisor hypervisor;
    private final Drafting drafting;
    private final PodVolumes volumes;
    private final StableBinds binds;
    private final PciSlots slots;
    private final Clock clock;

    public LocalMachines(
            AgentOptions options,
            Hypervisor hypervisor,
            HostProbe host,
            PodVolumes volumes,
            PciSlots slots,
            Clock clock) {
        this.options = options;
        this.hypervisor = hypervisor;
        this.drafting = new Drafting(host);
        this.volumes = volumes;
        this.binds = new StableBinds(options.stateDir(), options.swtpmDir());
        this.slots = slots;
        this.clock = clock;
    }

    @Override
    public VmStatus start(UefiVirtualMachine vm, Pod pod, VmStatus status) throws Failure, HypervisorException {
        Blueprint blueprint = drafting.draft(vm);
        String uid = vm.getMetadata().getUid();
        long epoch = status.domain().epoch();
        try (SafeDir claim = volumes.nvram(pod)) {
            var state = new NvramState(claim, uid, new EdkStoreCheck(), clock);
            byte[] template = Files.readAllBytes(
                    FirmwareCatalog.below(options.hostRoot(), blueprint.image().varsTemplatePath()));
            byte[] initial = InitialStore.of(vm.getSpec().firmware(), template);
            Preparation.Ready ready = ready(state.prepare(
                    epoch,
                    new Initial(initial, blueprint.image().build().codeDigest()),
                    vm.getSpec().nvram().historyLimit()));
            binds.claim(uid, claim);
            String xml = DomainXml.render(input(vm, pod, blueprint, claim, ready));
            state.markStarting(epoch);
            hypervisor.start(xml);
            StoreReport store = StoreReport.of(VarStore.parseAbandoningPendingWrite(ready.vars()));
            return status.withMachine(
                            blueprint.machineType(),
                            blueprint.firmware(vm.getSpec().firmware().secureBoot(), store))
                    .withNvram(Blueprint.nvram(
                            claimName(pod),
                            ready.base().number(),
                            ready.base().sha256(),
                            ready.base().committedAt(),
                            store,
                            recovered(ready)));
        } catch (NvramException e) {
            throw new Failure(e.reason(), text(e), e);
        } catch (VolumeException e) {
            throw new Failure(e.reason(), text(e), e);
        } catch (PathException e) {
            throw new Failure(
                    e.kind() == PathException.Kind.UNSAFE ? Reason.ClaimUnsafe : Reason.NvramUnreadable, text(e), e);
        } catch (UnsupportedSpecException | IllegalArgumentException e) {
            throw new Failure(Reason.DomainInvalid, text(e), e);
        } catch (VarstoreException | IOException e) {
            throw new Failure(
                    Reason.FirmwareNotFound,
                    "The variable template " + blueprint.image().varsTemplatePath() + " cannot be used: " + text(e)
                            + "; reinstall the firmware package of this host",
                    e);
        } catch (HypervisorException e) {
            if (e.kind() == HypervisorException.Kind.REFUSED) {
                throw new Failure(Reason.DomainStartFailed, "libvirt refused the domain: " + text(e), e);
            }
            throw e;
        }
    }

    private static Preparation.Ready ready(Preparation preparation) throws Failure {
        if (preparation instanceof Preparation.Ready ready) {
            return ready;
        } else if (preparation instanceof Preparation.Stale stale) {
            throw new Failure(
                    Reason.StaleEpoch,
                    "Epoch " + stale.newest() + " was started on another host meanwhile; this one is void");
        }
        throw new Failure(
                Reason.DomainLost,
                "A domain of this epoch was started before and is gone; the host may have been rebooted");
    }

    private static @Nullable String recovered(Preparation.Ready ready) {
        if (!ready.recovered()) {
            return null;
        }
        String rejected = ready.rejected().stream()
                .map(r -> r.name() + " (" + r.reason() + ")")
                .collect(Collectors.joining(", "));
        return "Started from generation " + ready.base().number() + ", "
                + (ready.base().basis() == Generation.Basis.Crashed
                        ? "which a domain left that nobody saw end"
                        : "the newest that is good")
                + (rejected.isEmpty() ? "" : "; kept in the claim but not used: " + rejected);
    }

    private DomainInput input(
            UefiVirtualMachine vm, Pod pod, Blueprint blueprint, SafeDir claim, Preparation.Ready ready)
            throws VolumeException, PathException, Failure {
        String uid = vm.getMetadata().getUid();
        Identity identity =
                Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).identity());
        Path vars;
        try (Opened opened = claim.pin(ready.files().vars())) {
            vars = binds.nvram(uid, opened);
        }
        if (vm.getSpec().tpm().enabled()) {
            try (Opened opened = claim.pin(ready.files().tpm())) {
                binds.tpm(uid, UUID.fromString(identity.uuid()), opened);
            }
        }
        var disks = new HashMap<String, DiskSource>();
        for (Disk disk : vm.getSpec().disks()) {
            try (Opened opened = volumes.disk(pod, disk.name())) {
                String path = binds.disk(uid, disk.name(), opened).toString();
                disks.put(
                        disk.name(),
                        opened.kind() == Directory.EntryKind.BLOCK_DEVICE
                                ? new DiskSource.BlockDisk(path)
                                : new DiskSource.FileDisk(path));
            }
        }
        var owner = new DomainOwner(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                uid,
                Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).epoch()),
                pod.getMetadata().getUid());
        return new DomainInput(
                owner,
                identity,
                vm.getSpec(),
                blueprint.accelerator(),
                blueprint.machineType(),
                blueprint.loader(),
                vars.toString(),
                disks,
                devices(vm),
                console(uid).toString());
    }

    private Map<String, List<PciAddress>> devices(UefiVirtualMachine vm) throws Failure {
        var devices = new HashMap<String, List<PciAddress>>();
        for (Device device : vm.getSpec().devices()) {
            String slot = device.pci().address();
            List<PciAddress> functions = slots.functions(slot);
            if (functions.isEmpty()) {
                throw new Failure(
                        Reason.DeviceUnavailable,
                        "devices[" + device.name() + "]: this host has no PCI device in slot " + slot
                                + "; select the node that has it with nodeSelector");
            }
            try {
                List<PciAddress> companions = slots.companions(functions);
                if (!companions.isEmpty()) {
                    throw new Failure(
                            Reason.DeviceUnavailable,
                            "devices[" + device.name() + "]: slot " + slot + " shares its IOMMU group with "
                                    + companions + "; move the card to a slot of its own");
                }
            } catch (UncheckedIOException e) {
                throw new Failure(Reason.DeviceUnavailable, "devices[" + device.name() + "]: " + e.getMessage(), e);
            }
            devices.put(device.name(), functions);
        }
        return devices;
    }

    @Override
    public VmStatus look(UefiVirtualMachine vm, VmStatus status) {
        if (status.nvram() != null && status.firmware() != null && status.machineType() != null) {
            return status;
        }
        String uid = vm.getMetadata().getUid();
        try (SafeDir claim = binds.claim(uid).orElseThrow(() -> new IOException("the claim is not bound"))) {
            Blueprint blueprint = drafting.draft(vm);
            Generation base = new NvramState(claim, uid, new EdkStoreCheck(), clock)
                    .history()
                    .get(0);
            byte[] vars = Files.readAllBytes(options.stateDir().resolve(uid).resolve("nvram/vars.fd"));
            StoreReport store = StoreReport.of(VarStore.parseAbandoningPendingWrite(vars));
            return status.withMachine(
                            blueprint.machineType(),
                            blueprint.firmware(vm.getSpec().firmware().secureBoot(), store))
                    .withNvram(Blueprint.nvram(
                            claimName(vm), base.number(), base.sha256(), base.committedAt(), store, null));
        } catch (IOException | NvramException | Failure | HypervisorException | VarstoreException e) {
            LOG.warn("the store of a running domain cannot be read yet uid={}: {}", uid, e.getMessage());
            return status;
        }
    }

    @Override
    public VmStatus commit(UefiVirtualMachine vm, VmStatus status) throws Failure {
        String uid = vm.getMetadata().getUid();
        try (SafeDir claim = binds.claim(uid).orElse(null)) {
            if (claim == null) {
                // After a reboot of the host: the next start finds the epoch's files in the claim.
                return status;
            }
            Commit commit = new NvramState(claim, uid, new EdkStoreCheck(), clock)
                    .commit(status.domain().epoch(), vm.getSpec().nvram().historyLimit());
            if (commit instanceof Commit.Done done) {
                StoreReport store = StoreReport.of(VarStore.parseAbandoningPendingWrite(done.vars()));
                VmStatus committed = status.withNvram(Blueprint.nvram(
                        status.nvram() == null ? claimName(vm) : status.nvram().claimName(),
                        done.generation().number(),
                        done.generation().sha256(),
                        done.generation().committedAt(),
                        store,
                        null));
                return withStore(vm, committed, store);
            } else if (commit instanceof Commit.Bad bad) {
                throw new Failure(
                        Reason.NvramUnreadable,
                        "What epoch " + status.domain().epoch() + " left cannot be started from: "
                                + bad.state().reason() + "; it is kept as "
                                + bad.state().name()
                                + " in the claim, and the next start uses the generation before");
            }
            return status;
        } catch (NvramException e) {
            throw new Failure(e.reason(), text(e), e);
        } catch (PathException e) {
            throw new Failure(Reason.NvramUnreadable, text(e), e);
        }
    }

    /** The guest may have enrolled keys or switched verification off. */
    private static VmStatus withStore(UefiVirtualMachine vm, VmStatus status, StoreReport store) {
        var build = status.firmware();
        return build == null
                ? status
                : status.withFirmware(new io.uefivm.api.v1alpha1.FirmwareStatus(
                        build.description(),
                        build.codeDigest(),
                        build.varsTemplateDigest(),
                        store.secureBootUnder(vm.getSpec().firmware().secureBoot()),
                        store.certificates(),
                        build.bootNext()));
    }

    @Override
    public void release(String vmUid, Optional<Pod> pod) {
        try {
            binds.release(vmUid);
        } catch (PathException e) {
            LOG.error("cannot take away what the VM had on this host uid={}", vmUid, e);
        }
        pod.ifPresent(present -> {
            try {
                volumes.markEnded(present.getMetadata().getUid());
            } catch (PathException e) {
                if (e.kind() != PathException.Kind.MISSING) {
                    LOG.error("cannot tell the pod that its domain is gone uid={}", vmUid, e);
                }
            }
        });
    }

    @Override
    public Set<String> present() {
        try {
            return binds.list();
        } catch (PathException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> bootRefusal(String vmUid) {
        Path console = console(vmUid);
        try (var in = Files.newInputStream(console)) {
            return ConsoleVerdict.refusal(new String(in.readNBytes(MOST_CONSOLE), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Path console(String vmUid) {
        return options.stateDir().resolve(vmUid).resolve("console.log");
    }

    private static @Nullable String claimName(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> Api.VOLUME_NVRAM.equals(volume.getName()))
                .map(volume -> volume.getPersistentVolumeClaim().getClaimName())
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String claimName(UefiVirtualMachine vm) {
        return vm.getStatus() == null || vm.getStatus().nvram() == null
                ? null
                : vm.getStatus().nvram().claimName();
    }

    private static String text(Throwable e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
