package io.uefivm.agent.declared;

import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.api.v1alpha1.DeclaredVariable;
import io.uefivm.api.v1alpha1.Firmware;
import io.uefivm.api.v1alpha1.FirmwareFile;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.VariableAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** Reads the variables that a spec declares, and compares them with those of a store. */
final class DeclaredVariables {
    private DeclaredVariables() {}

    /** The variables, in the order of the spec. */
    static List<Variable> of(Firmware firmware, DeclaredContent content) throws DeclarationException {
        Map<String, FirmwareFile> files =
                FirmwareFile.of(firmware).stream().collect(Collectors.toMap(FirmwareFile::path, file -> file));
        List<Variable> variables = new ArrayList<>();
        for (int i = 0; i < firmware.variables().size(); i++) {
            DeclaredVariable declared = firmware.variables().get(i);
            variables.add(Variable.of(
                    new VariableKey(declared.name(), UUID.fromString(declared.guid())),
                    attributes(declared),
                    value(declared, i, Optional.ofNullable(files.get(FirmwareFile.variablePath(i))), content)));
        }
        return List.copyOf(variables);
    }

    private static Bytes value(
            DeclaredVariable declared, int index, Optional<FirmwareFile> file, DeclaredContent content)
            throws DeclarationException {
        if (file.isPresent()) {
            return content.of(file.get(), field(index, declared.name()));
        } else if (declared.hex() != null) {
            return Bytes.ofHex(declared.hex());
        }
        String text = declared.text() == null ? "" : declared.text();
        if (text.isEmpty()) {
            throw new DeclarationException(
                    Reason.KeyMaterialInvalid,
                    field(index, declared.name()) + " has no value, which no UEFI variable can have; give it one");
        }
        return Bytes.copyOf(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int attributes(DeclaredVariable declared) {
        return declared.attributes().stream().mapToInt(DeclaredVariables::bit).reduce(0, (all, bit) -> all | bit);
    }

    private static int bit(VariableAttribute attribute) {
        return switch (attribute) {
            case NonVolatile -> Attributes.NON_VOLATILE;
            case BootServiceAccess -> Attributes.BOOT_SERVICE;
            case RuntimeAccess -> Attributes.RUNTIME;
        };
    }

    static String field(int index, String name) {
        return "spec.firmware.variables[" + index + "] (" + name + ")";
    }

    /** How the store's variable differs from the declared one; empty when it does not. */
    static Optional<String> difference(VarStore store, Variable declared) {
        Optional<Variable> actual = store.find(declared.key());
        if (actual.isEmpty()) {
            return Optional.of("is missing");
        } else if (!actual.get().data().equals(declared.data())) {
            return Optional.of("has another value");
        } else if (actual.get().attributes() != declared.attributes()) {
            return Optional.of(
                    "has the attributes " + Attributes.describe(actual.get().attributes()) + " instead of "
                            + Attributes.describe(declared.attributes()));
        }
        return Optional.empty();
    }
}
