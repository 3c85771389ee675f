package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.declared.Declaration;
import io.uefivm.agent.domain.DomainInput;
import io.uefivm.agent.domain.UnsupportedSpecException;
import io.uefivm.agent.firmware.FirmwareCatalog;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.nvram.Initial;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.nvram.Preparation;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.PodVolumes;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.agent.volume.VolumeException;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.FirmwareLayout;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts an epoch: its files in the claim, its paths on this host, its domain. */
final class EpochStart {
    private final AgentOptions options;
    private final Hypervisor hypervisor;
    private final Drafting drafting;
    private final PodVolumes volumes;
    private final StableBinds binds;
    private final DomainInputs inputs;
    private final DeclaredFirmware declared;
    private final PodHome home;
    private final Clock clock;

    EpochStart(
            AgentOptions options,
            Hypervisor hypervisor,
            Drafting drafting,
            PodVolumes volumes,
            StableBinds binds,
            DomainInputs inputs,
            DeclaredFirmware declared,
            PodHome home,
            Clock clock) {
        this.options = options;
        this.hypervisor = hypervisor;
        this.drafting = drafting;
        this.volumes = volumes;
        this.binds = binds;
        this.inputs = inputs;
        this.declared = declared;
        this.home = home;
        this.clock = clock;
    }

    /** As {@link Machines#start}. */
    VmStatus of(UefiVirtualMachine vm, Pod pod, VmStatus status) throws Failure, HypervisorException {
        Blueprint blueprint = drafting.draft(vm, pod);
        return typed(vm, blueprint, () -> {
            VmStatus started = vm.getSpec().keepsState()
                    ? keeping(vm, pod, blueprint, status)
                    : stateless(vm, pod, blueprint, status);
            return VsockAddress.addTo(started, vm, hypervisor);
        });
    }

    /** A part of a start, as it fails by itself. */
    private interface Part {
        VmStatus run() throws Failure, HypervisorException, NvramException, VolumeException, PathException, IOException;
    }

    /** Does it, and gives whatever goes wrong its reason. */
    private VmStatus typed(UefiVirtualMachine vm, Blueprint blueprint, Part part) throws Failure, HypervisorException {
        try {
            return part.run();
        } catch (NvramException e) {
            throw new Failure(e.reason(), text(e), e)
                    .answering(NvramRequests.answered(vm, e.refused(), clock.instant()));
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
                    "The firmware images " + blueprint.image().varsTemplatePath() + " and "
                            + blueprint.image().codePath() + " cannot be used: " + text(e)
                            + "; reinstall the firmware package of this host",
                    e);
        } catch (HypervisorException e) {
            if (e.kind() == HypervisorException.Kind.REFUSED) {
                throw new Failure(Reason.DomainStartFailed, "libvirt refused the domain: " + text(e), e);
            }
            throw e;
        }
    }

    /** Nothing is read and nothing is left: a start that was interrupted is simply done again. */
    private VmStatus stateless(UefiVirtualMachine vm, Pod pod, Blueprint blueprint, VmStatus status)
            throws Failure, HypervisorException, VolumeException, PathException {
        Path console = options.console(vm.getMetadata().getUid());
        home.start(inputs.gather(vm, pod, blueprint, Optional.empty(), console));
        return status.withMachine(blueprint.machineType(), blueprint.stateless());
    }

    private VmStatus keeping(UefiVirtualMachine vm, Pod pod, Blueprint blueprint, VmStatus status)
            throws Failure, HypervisorException, NvramException, VolumeException, IOException {
        String uid = vm.getMetadata().getUid();
        long epoch = status.domain().epoch();
        try (SafeDir claim = volumes.nvram(pod)) {
            var state = new NvramState(claim, uid, new EdkStoreCheck(), clock);
            byte[] template = read(blueprint.image().varsTemplatePath());
            byte[] code = vm.getSpec().firmware().layout() == FirmwareLayout.Combined
                    ? read(blueprint.image().codePath())
                    : new byte[0];
            Declaration declaration = declared.of(vm, pod);
            byte[] initial = InitialStore.of(vm.getSpec().firmware(), declaration.keys(), template);
            var edit = new DeclaredEdit(vm, declaration);
            Preparation.Ready ready = ready(state.prepare(
                    epoch,
                    new Initial(initial, blueprint.image().build().codeDigest(), code),
                    edit,
                    NvramRequests.terms(vm)));
            try {
                return typed(vm, blueprint, () -> {
                    binds.claim(uid, claim);
                    String vars =
                            inputs.state(vm, claim, ready, hypervisor.facts().qemuUser());
                    DomainInput input = inputs.gather(vm, pod, blueprint, Optional.of(vars), options.console(uid));
                    Launch.of(hypervisor, vm, () -> home.start(input), state, epoch);
                    return started(vm, pod, blueprint, status, ready, edit);
                });
            } catch (Failure failure) {
                // What was asked of the store is done, whatever became of the domain.
                throw failure.answering(NvramRequests.answered(vm, ready.answer(), clock.instant()));
            }
        }
    }

    private VmStatus started(
            UefiVirtualMachine vm,
            Pod pod,
            Blueprint blueprint,
            VmStatus status,
            Preparation.Ready ready,
            DeclaredEdit edit) {
        VarStore running = VarStore.parseAbandoningPendingWrite(ready.vars());
        StoreReport store = StoreReport.of(running);
        return status.withMachine(
                        blueprint.machineType(),
                        blueprint
                                .firmware(vm.getSpec().firmware().secureBoot(), store)
                                .withBootNext(edit.recordAfter(ready.edited())))
                .compared(Optional.of(edit.declaration().compare(running)))
                .noting(edit.notes(ready.edited()))
                .withNvram(Blueprint.nvram(
                        PodVolumes.claimName(pod, Api.VOLUME_NVRAM).orElse(null),
                        ready.base(),
                        store,
                        recovered(ready),
                        ready.history(),
                        NvramRequests.answered(vm, ready.answer(), clock.instant())));
    }

    private byte[] read(String pathOnHost) throws IOException {
        return Files.readAllBytes(FirmwareCatalog.below(options.hostRoot(), pathOnHost));
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
                + switch (ready.base().basis()) {
                    case Crashed -> "which a domain left that nobody saw end";
                    case Requested -> "which was asked for";
                    case Created, Ended -> "the newest that is good";
                }
                + (rejected.isEmpty() ? "" : "; kept in the claim but not used: " + rejected);
    }

    private static String text(Throwable e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
