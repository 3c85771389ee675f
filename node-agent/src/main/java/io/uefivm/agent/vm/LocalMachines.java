package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.host.HostProbe;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The VMs of this host for real: claims, variable stores, stable paths, libvirt. */
public final class LocalMachines implements Machines {
    private static final Logger LOG = LoggerFactory.getLogger(LocalMachines.class);
    private static final int MOST_CONSOLE = 256 * 1024;

    private final AgentOptions options;
    private final PodVolumes volumes;
    private final StableBinds binds;
    private final EpochStart start;
    private final EpochCommit commit;
    private final StoreLook look;
    private final DeclaredFirmware declared;
    private final StoreObserver observer;
    private final RunningMedia media;
    private final Passthrough passthrough;
    private final GrowingDisks disks;

    public LocalMachines(
            AgentOptions options,
            Hypervisor hypervisor,
            HostProbe host,
            PodVolumes volumes,
            Passthrough passthrough,
            Clock clock) {
        this.options = options;
        this.volumes = volumes;
        this.passthrough = passthrough;
        this.binds = new StableBinds(options.stateDir(), options.swtpmDir());
        var drafting = new Drafting(host);
        var sources = new DiskSources(volumes, binds);
        var inputs = new DomainInputs(
                sources, new Roms(volumes, binds), binds, passthrough, new DedicatedCpus(options.hostRoot()));
        this.media = new RunningMedia(hypervisor, sources);
        this.disks = new GrowingDisks(hypervisor, binds);
        this.declared = new DeclaredFirmware(volumes);
        var home = new PodHome(options.hostRoot(), hypervisor);
        this.start = new EpochStart(options, hypervisor, drafting, volumes, binds, inputs, declared, home, clock);
        this.commit = new EpochCommit(binds, declared, clock);
        this.look = new StoreLook(options, drafting, binds, declared, clock);
        this.observer = new StoreObserver(options, binds);
    }

    @Override
    public VmStatus start(UefiVirtualMachine vm, Pod pod, VmStatus status) throws Failure, HypervisorException {
        return start.of(vm, pod, status);
    }

    @Override
    public VmStatus look(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        return look.of(vm, pod, status);
    }

    @Override
    public VmStatus takeBack(UefiVirtualMachine vm, VmStatus status) {
        return passthrough.takeBack(vm, status);
    }

    @Override
    public VmStatus commit(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) throws Failure {
        return commit.of(vm, pod, status);
    }

    @Override
    public VmStatus observe(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        if (!vm.getSpec().keepsState()) {
            return status;
        }
        var subject = new StoreObserver.Subject(
                status.domain().epoch(), vm.getMetadata().getGeneration(), store -> declared.compare(vm, pod, store));
        return observer.of(vm.getMetadata().getUid(), subject)
                .map(seen -> status.observing(vm.getSpec().firmware().secureBoot(), seen.report())
                        .compared(seen.verdict()))
                .orElse(status);
    }

    @Override
    public void onStoreNews(Consumer<String> vmUid) {
        observer.onNews(vmUid);
    }

    @Override
    public MediaChange changeMedia(UefiVirtualMachine vm, Pod pod, UUID domain) throws HypervisorException {
        MediaChange change = media.follow(vm, pod, domain);
        List<Note> grown = disks.follow(vm, domain);
        return new MediaChange(
                Stream.of(change.notes(), grown).flatMap(List::stream).toList(), change.pending());
    }

    @Override
    public void release(String vmUid, Optional<Pod> pod) {
        observer.forget(vmUid);
        try {
            binds.release(vmUid);
        } catch (PathException e) {
            LOG.error("cannot take away what the VM had on this host uid={}", vmUid, e);
        }
        pod.ifPresent(present -> markEnded(vmUid, present));
        passthrough.release(vmUid);
    }

    private void markEnded(String vmUid, Pod pod) {
        try {
            volumes.markEnded(pod.getMetadata().getUid());
        } catch (PathException e) {
            if (e.kind() != PathException.Kind.MISSING) {
                LOG.error("cannot tell the pod that its domain is gone uid={}", vmUid, e);
            }
        }
    }

    @Override
    public void erase(String vmUid, Pod pod) throws Failure {
        try (SafeDir claim = volumes.nvram(pod)) {
            NvramState.erase(claim, vmUid);
        } catch (VolumeException e) {
            throw new Failure(e.reason(), String.valueOf(e.getMessage()), e);
        } catch (NvramException e) {
            throw new Failure(e.reason(), String.valueOf(e.getMessage()), e);
        }
        markEnded(vmUid, pod);
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
        Path console = options.console(vmUid);
        try (var in = Files.newInputStream(console)) {
            return ConsoleVerdict.refusal(new String(in.readNBytes(MOST_CONSOLE), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
