package io.uefivm.agent.vm;

import io.fabric8.kubernetes.api.model.Pod;
import io.uefivm.agent.nvram.Commit;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.NvramState;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.volume.PathException;
import io.uefivm.agent.volume.SafeDir;
import io.uefivm.agent.volume.StableBinds;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/** Commits what an epoch left whose domain is gone. */
final class EpochCommit {
    private final StableBinds binds;
    private final DeclaredFirmware declared;
    private final Clock clock;

    EpochCommit(StableBinds binds, DeclaredFirmware declared, Clock clock) {
        this.binds = binds;
        this.declared = declared;
        this.clock = clock;
    }

    /** As {@link Machines#commit}. */
    VmStatus of(UefiVirtualMachine vm, Optional<Pod> pod, VmStatus status) throws Failure {
        String uid = vm.getMetadata().getUid();
        try (SafeDir claim = binds.claim(uid).orElse(null)) {
            if (claim == null) {
                // After a reboot of the host: the next start finds the epoch's files in the claim.
                return status;
            }
            Commit commit = new NvramState(claim, uid, new EdkStoreCheck(), clock)
                    .commit(status.domain().epoch(), vm.getSpec().nvram().historyLimit());
            if (commit instanceof Commit.Done done) {
                VarStore vars = VarStore.parseAbandoningPendingWrite(done.vars());
                StoreReport store = StoreReport.of(vars);
                VmStatus committed = status.withNvram(Blueprint.nvram(
                        status.claimName(), done.generation(), store, null, done.history(), NvramRequests.last(vm)));
                return withStore(vm, committed, store).compared(declared.compare(vm, pod, vars));
            } else if (commit instanceof Commit.Bad bad) {
                throw new Failure(
                        Reason.NvramUnreadable,
                        "What epoch " + status.domain().epoch() + " left cannot be started from: "
                                + bad.state().reason() + "; it is kept as "
                                + bad.state().name()
                                + " in the claim, and "
                                + (vm.getSpec().nvram().onCorruption() == CorruptionPolicy.Refuse
                                        ? "the next start waits for spec.nvram.request, because spec.nvram.onCorruption"
                                                + " is Refuse"
                                        : "the next start uses the generation before"));
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
                : status.withFirmware(store.in(build, vm.getSpec().firmware().secureBoot()));
    }

    private static String text(Throwable e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
