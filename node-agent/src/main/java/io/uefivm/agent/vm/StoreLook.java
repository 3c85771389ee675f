package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.nvram.Generation;
import io.uefivm.agent.nvram.Kept;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.varstore.FlashImage;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the store of a domain that runs already. */
final class StoreLook {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLook.class);

    private final AgentOptions options;
    private final Drafting drafting;
    private final StableBinds binds;
    private final DeclaredFirmware declared;
    private final Clock clock;

    StoreLook(AgentOptions options, Drafting drafting, StableBinds binds, DeclaredFirmware declared, Clock clock) {
        this.options = options;
        this.drafting = drafting;
        this.binds = binds;
        this.declared = declared;
        this.clock = clock;
    }

    /** As {@link Machines#look}. */
    VmStatus of(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) {
        Optional<FirmwareStatus> said = Optional.ofNullable(status.firmware())
                .filter(known -> isSaid(vm, status)
                        && status.nvram() != null
                        && status.nvram().generation() != null
                        && status.machineType() != null);
        if (!vm.getSpec().keepsState()) {
            return stateless(vm, status);
        }
        String wish = vm.getSpec().firmware().bootNext();
        if (said.isPresent() && Objects.equals(wish, said.get().bootNext())) {
            return status;
        }
        String uid = vm.getMetadata().getUid();
        try (SafeDir claim = binds.claim(uid).orElseThrow(() -> new IOException("the claim is not bound"))) {
            var state = new NvramState(claim, uid, new EdkStoreCheck(), clock);
            String bootNext = state.bootNext(status.domain().epoch()).orElse(DeclaredEdit.recorded(vm));
            if (said.isPresent()) {
                return status.withFirmware(said.get().withBootNext(bootNext));
            }
            Blueprint blueprint = drafting.draft(vm);
            List<Kept> history = state.history();
            Generation base = history.get(0).generation();
            byte[] vars = FlashImage.store(Files.readAllBytes(options.vars(uid)));
            VarStore running = VarStore.parseAbandoningPendingWrite(vars);
            StoreReport store = StoreReport.of(running);
            return status.withMachine(
                            blueprint.machineType(),
                            firmware(
                                            vm,
                                            blueprint,
                                            state.codeDigest(status.domain().epoch()),
                                            store)
                                    .withBootNext(bootNext))
                    .compared(declared.compare(vm, pod, running))
                    .withNvram(Blueprint.nvram(
                            status.claimName(), base, store, null, history, NvramRequests.done(vm, base)));
        } catch (IOException | NvramException | Failure | HypervisorException | VarstoreException e) {
            LOG.warn("the store of a running domain cannot be read yet uid={}: {}", uid, e.getMessage());
            return status;
        }
    }

    private VmStatus stateless(UefiVirtualMachine vm, VmStatus status) {
        if (isSaid(vm, status) && status.firmware() != null) {
            return status;
        }
        try {
            Blueprint blueprint = drafting.draft(vm);
            return status.withMachine(blueprint.machineType(), blueprint.stateless());
        } catch (Failure | HypervisorException e) {
            LOG.warn(
                    "the firmware of a running domain cannot be named yet uid={}: {}",
                    vm.getMetadata().getUid(),
                    e.getMessage());
            return status;
        }
    }

    /** The build that the domain was started with, which may have been replaced on this host since. */
    private static FirmwareStatus firmware(
            UefiVirtualMachine vm, Blueprint now, Optional<String> started, StoreReport store) {
        FirmwareStatus offered = now.firmware(vm.getSpec().firmware().secureBoot(), store);
        return started.isEmpty() || started.get().equals(offered.codeDigest())
                ? offered
                : new FirmwareStatus(
                        null,
                        started.get(),
                        null,
                        offered.varsSize(),
                        offered.secureBoot(),
                        offered.certificates(),
                        null);
    }

    /** Whether status speaks of this epoch already; else what it says of the store is that of the one before. */
    private static boolean isSaid(UefiVirtualMachine vm, VmStatus status) {
        DomainStatus said = vm.getStatus() == null ? null : vm.getStatus().domain();
        return said != null && said.epoch().equals(status.domain().epoch());
    }
}
