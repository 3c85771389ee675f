package io.uefivm.agent.varstore.cli;

import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableKey;
import io.uefivm.agent.varstore.Vendors;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out which variable a person means. */
final class VariableNames {
    private static final Pattern WITH_VENDOR =
            Pattern.compile("(.+)-(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})");
    private static final Map<String, UUID> KNOWN = Map.of(
            "db", Vendors.IMAGE_SECURITY,
            "dbx", Vendors.IMAGE_SECURITY,
            "dbt", Vendors.IMAGE_SECURITY,
            "SecureBootEnable", Vendors.SECURE_BOOT_ENABLE,
            "CustomMode", Vendors.CUSTOM_MODE);

    private VariableNames() {}

    /**
     * The variable of the store by this name, in efivarfs' form {@code name-guid} or, if only one vendor has it, by its
     * name alone; else the variable that would be made by this name.
     *
     * @throws IllegalArgumentException if several vendors have one
     */
    static VariableKey resolve(VarStore store, String text) {
        Matcher withVendor = WITH_VENDOR.matcher(text);
        if (withVendor.matches()) {
            return new VariableKey(withVendor.group(1), UUID.fromString(withVendor.group(2)));
        }
        List<VariableKey> found = store.variables().stream()
                .map(Variable::key)
                .filter(key -> key.name().equals(text))
                .toList();
        if (found.size() > 1) {
            throw new IllegalArgumentException("Several variables have the name " + text + "; say which: " + found);
        }
        return found.isEmpty() ? new VariableKey(text, KNOWN.getOrDefault(text, Vendors.GLOBAL)) : found.get(0);
    }
}
