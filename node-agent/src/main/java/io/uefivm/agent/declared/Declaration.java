package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.KeyProfile;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VarstoreException;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a spec declares of a VM's variable store. */
public final class Declaration {
    private final Firmware firmware;
    private final Optional<KeyProfile> keys;
    private final List<Variable> variables;

    private Declaration(Firmware firmware, Optional<KeyProfile> keys, List<Variable> variables) {
        this.firmware = firmware;
        this.keys = keys;
        this.variables = variables;
    }

    /**
     * Reads all of it.
     *
     * @throws DeclarationException {@code KeyMaterialMissing}, {@code KeyMaterialInvalid}
     */
    public static Declaration of(Firmware firmware, DeclaredContent content) throws DeclarationException {
        return new Declaration(firmware, DeclaredKeys.of(firmware, content), DeclaredVariables.of(firmware, content));
    }

    /** The keys of a new store; empty when there are none, or when they are those of the host's template. */
    public Optional<KeyProfile> keys() {
        return keys;
    }

    /**
     * A store, and what was done to come to it.
     *
     * @param changes one sentence for each, without values
     */
    public record Applied(VarStore store, List<String> changes) {
        /** Copies the sentences. */
        public Applied {
            changes = List.copyOf(changes);
        }
    }

    /**
     * Brings the declared variables into a store. Keys are left as they are: they change only when somebody asks for it.
     *
     * @return this very store when all of them are there already
     * @throws DeclarationException {@code NvramFull}
     */
    public Applied apply(VarStore store) throws DeclarationException {
        VarStore applied = store;
        List<String> changes = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            Variable variable = variables.get(i);
            Optional<String> difference = DeclaredVariables.difference(applied, variable);
            if (difference.isPresent()) {
                applied = set(applied, i, variable);
                changes.add(variable.key() + " was set, because it " + difference.get());
            }
        }
        return new Applied(applied, changes);
    }

    private static VarStore set(VarStore store, int index, Variable variable) throws DeclarationException {
        try {
            return store.set(variable);
        } catch (VarstoreException e) {
            throw new DeclarationException(
                    Reason.NvramFull,
                    DeclaredVariables.field(index, variable.name()) + " has "
                            + variable.data().length()
                            + " bytes and cannot be stored: " + e.getMessage() + ". Of "
                            + store.usage().capacity() + " bytes, "
                            + store.usage().used()
                            + " are taken; declare less, or have the guest delete what it does not need");
        }
    }

    /**
     * How a store compares with it.
     *
     * @param reason {@code AsDeclared}, {@code KeysDrifted} or {@code VariablesDrifted}
     * @param message what differs and what to do about it
     */
    public record Verdict(Reason reason, String message) {}

    /** Compares a store with it. */
    public Verdict compare(VarStore store) {
        KeyDifference difference = keys.map(declared -> KeyDifference.of(firmware, declared, store))
                .orElse(KeyDifference.NONE);
        List<String> changed = new ArrayList<>();
        for (Variable variable : variables) {
            DeclaredVariables.difference(store, variable).ifPresent(text -> changed.add(variable.key() + " " + text));
        }
        String ofKeys = "Secure Boot keys differ from spec.firmware.keys: " + Sentences.join(difference.drifted())
                + ". Ask with spec.nvram.request for EnrollKeys to enrol what is declared; PCR 7 changes with it";
        String ofVariables = "Variables differ from spec.firmware.variables: " + Sentences.join(changed)
                + ". The next cold start sets them";
        if (!difference.drifted().isEmpty()) {
            return new Verdict(Reason.KeysDrifted, changed.isEmpty() ? ofKeys : ofKeys + ". " + ofVariables);
        } else if (!changed.isEmpty()) {
            return new Verdict(Reason.VariablesDrifted, ofVariables);
        }
        return new Verdict(Reason.AsDeclared, asDeclared(difference));
    }

    private String asDeclared(KeyDifference difference) {
        if (keys.isPresent()) {
            return "The store has the declared keys" + (variables.isEmpty() ? "" : " and variables")
                    + (difference.added().isEmpty()
                            ? ""
                            : "; signed updates have added to them: " + Sentences.join(difference.added()));
        }
        String notCompared = switch (firmware.secureBoot()) {
            case Enabled -> "the keys are those of the host's template, which is not compared";
            case SetupMode, Disabled -> "the keys are the guest's own affair";
        };
        return (variables.isEmpty() ? "No variables are declared; " : "The store has the declared variables; ")
                + notCompared;
    }
}
