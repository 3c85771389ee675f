package io.uefivm.agent.vm;

import io.uefivm.agent.declared.BootOnce;
import io.uefivm.agent.declared.Declaration;
import io.uefivm.agent.declared.DeclarationException;
import io.uefivm.agent.domain.GuestPlace;
import io.uefivm.agent.nvram.NvramException;
import io.uefivm.agent.nvram.StoreEdit;
import io.uefivm.agent.varstore.HardwarePath;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.api.v1alpha1.Identity;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a cold start changes in the store: the declared variables, and what to boot once. */
record DeclaredEdit(UefiVirtualMachine vm, Declaration declaration) implements StoreEdit {
    private static final String SETUP = "Setup";
    private static final String NETWORK = "Network";
    private static final String HTTP = "HTTP";

    @Override
    public Edited apply(byte[] vars) throws NvramException {
        VarStore before = VarStore.parseAbandoningPendingWrite(vars);
        try {
            Declaration.Applied declared = declaration.apply(before);
            List<String> changes = new ArrayList<>(declared.changes());
            Optional<VarStore> booting = wish().flatMap(wish -> bootOnce(declared.store(), wish));
            booting.ifPresent(store -> changes.add("it boots " + wish().orElseThrow() + " once"));
            VarStore after = booting.orElse(declared.store());
            return new Edited(
                    after == before ? vars : after.toBytes(),
                    changes,
                    booting.isPresent() ? wish().orElseThrow() : null);
        } catch (DeclarationException e) {
            throw NvramException.storeFull(e.getMessage());
        } catch (VarstoreException e) {
            throw NvramException.storeFull("spec.firmware.bootNext does not fit into the store: " + e.getMessage());
        }
    }

    /** What is to be booted once and was not yet. */
    Optional<String> wish() {
        return Optional.ofNullable(vm.getSpec().firmware().bootNext()).filter(wish -> !wish.equals(recorded(vm)));
    }

    private Optional<VarStore> bootOnce(VarStore store, String wish) {
        if (SETUP.equals(wish)) {
            return Optional.of(BootOnce.setup(store));
        }
        return device(wish)
                .flatMap(name -> place(name)
                        .flatMap(place -> BootOnce.device(
                                store,
                                HTTP.equals(wish) ? name + " by HTTP" : name,
                                HTTP.equals(wish) ? path(place).byHttp() : path(place))));
    }

    private Optional<GuestPlace> place(String device) {
        Identity identity =
                Objects.requireNonNull(Objects.requireNonNull(vm.getStatus()).identity());
        return GuestPlace.of(vm.getSpec(), identity, device);
    }

    /** The disk or network that is meant, whether the VM has it or not. */
    private Optional<String> device(String wish) {
        return NETWORK.equals(wish) || HTTP.equals(wish) ? GuestPlace.firstNetwork(vm.getSpec()) : Optional.of(wish);
    }

    private static HardwarePath path(GuestPlace place) {
        HardwarePath path = HardwarePath.pciRoot();
        for (GuestPlace.Function function : place.functions()) {
            path = path.pci(function.device(), function.function());
        }
        if (place.unit() instanceof GuestPlace.Target target) {
            return path.scsi(target.number(), 0);
        } else if (place.unit() instanceof GuestPlace.Port port) {
            return path.sata(port.number());
        } else if (place.unit() instanceof GuestPlace.UsbPort port) {
            return path.usb(port.number() - 1);
        } else if (place.unit() instanceof GuestPlace.Namespace) {
            // The identifier of the namespace is QEMU's own making.
            return path.andBeyond();
        } else if (place.unit() instanceof GuestPlace.Card card) {
            return path.networkBoot(card.macAddress());
        }
        return path;
    }

    /** The wish that was fulfilled last. It is forgotten as soon as the spec does not have it any more. */
    static @Nullable String recorded(UefiVirtualMachine vm) {
        String wish = vm.getSpec().firmware().bootNext();
        boolean done = wish != null
                && vm.getStatus() != null
                && vm.getStatus().firmware() != null
                && wish.equals(vm.getStatus().firmware().bootNext());
        return done ? wish : null;
    }

    /** The events of a start with this edit. */
    List<Note> notes(Edited edited) {
        List<Note> notes = new ArrayList<>();
        if (!edited.changes().isEmpty()) {
            notes.add(new Note(
                    false,
                    Reason.AsDeclared,
                    "Changed in the store for this start: " + String.join("; ", edited.changes())));
        }
        wish().filter(wish -> !wish.equals(edited.bootNext()))
                .ifPresent(wish -> notes.add(new Note(
                        true,
                        Reason.BootTargetNotFound,
                        "spec.firmware.bootNext: " + wish + " cannot be booted by name: "
                                + (device(wish).flatMap(this::place).isPresent()
                                        ? "the firmware has no boot entry for it yet, which it makes at its first start"
                                        : "the VM has no such disk or network")
                                + "; this start boots as ever")));
        return notes;
    }

    /** What status says after a start with this edit. */
    @Nullable
    String recordAfter(Edited edited) {
        return edited.bootNext() != null ? edited.bootNext() : recorded(vm);
    }
}
