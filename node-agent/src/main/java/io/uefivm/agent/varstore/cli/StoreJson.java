package io.uefivm.agent.varstore.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.uefivm.agent.varstore.Attributes;
import io.uefivm.agent.varstore.BootConfiguration;
import io.uefivm.agent.varstore.Bytes;
import io.uefivm.agent.varstore.Conversion;
import io.uefivm.agent.varstore.Repair;
import io.uefivm.agent.varstore.SecureBootState;
import io.uefivm.agent.varstore.SecureBootView;
import io.uefivm.agent.varstore.SecureBootView.EnrolledCertificate;
import io.uefivm.agent.varstore.Signature;
import io.uefivm.agent.varstore.SignatureList;
import io.uefivm.agent.varstore.StoreDiff;
import io.uefivm.agent.varstore.StoreUsage;
import io.uefivm.agent.varstore.VarStore;
import io.uefivm.agent.varstore.Variable;
import io.uefivm.agent.varstore.VariableText;
import io.uefivm.agent.varstore.VarstoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The machine-readable form of what the commands print. Binary data is in hexadecimal. */
final class StoreJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private StoreJson() {}

    static String write(Object json) {
        try {
            return MAPPER.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Maps of strings and numbers always have a JSON form", e);
        }
    }

    static Map<String, Object> store(VarStore store) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("layout", store.size().name());
        json.put("sha256", Bytes.copyOf(store.toBytes()).sha256());
        json.put("pendingWrite", store.pendingWrite().name());
        StoreUsage usage = store.usage();
        json.put(
                "bytes",
                ordered(
                        "capacity", usage.capacity(),
                        "used", usage.used(),
                        "reclaimable", usage.reclaimable(),
                        "free", usage.free()));
        json.put("keys", keys(store));
        json.put("boot", boot(BootConfiguration.of(store)));
        json.put(
                "variables", store.variables().stream().map(StoreJson::variable).toList());
        return json;
    }

    private static Map<String, Object> keys(VarStore store) {
        try {
            return keys(SecureBootView.of(store));
        } catch (VarstoreException e) {
            return ordered("secureBoot", SecureBootState.of(store).name(), "problem", e.getMessage());
        }
    }

    static Map<String, Object> keys(SecureBootView view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("secureBoot", view.state().name());
        json.put(
                "certificates",
                view.certificates().stream().map(StoreJson::certificate).toList());
        json.put("dbxHashes", hashes(view.dbx()));
        return json;
    }

    private static Map<String, Object> certificate(EnrolledCertificate certificate) {
        return ordered(
                "variable", certificate.variable(),
                "subject", certificate.subject(),
                "sha256", certificate.sha256(),
                "notAfter", certificate.notAfter().toString());
    }

    private static List<String> hashes(List<SignatureList> lists) {
        return lists.stream()
                .flatMap(list -> list.signatures().stream())
                .filter(Signature.ImageHash.class::isInstance)
                .map(hash -> hash.data().hex())
                .toList();
    }

    static Map<String, Object> boot(BootConfiguration boot) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("order", boot.order());
        number(json, "next", boot.next());
        number(json, "current", boot.current());
        json.put(
                "entries",
                boot.entries().stream()
                        .map(entry -> ordered(
                                "name", entry.name(),
                                "description", entry.option().description(),
                                "active", entry.option().active(),
                                "hidden", entry.option().hidden(),
                                "devicePath", entry.option().path().text(),
                                "efibootmgr", entry.option().path().efibootmgr(),
                                "optionalData", entry.option().optionalData().hex()))
                        .toList());
        json.put("problems", boot.problems());
        return json;
    }

    private static void number(Map<String, Object> json, String key, OptionalInt number) {
        number.ifPresent(value -> json.put(key, value));
    }

    static Map<String, Object> variable(Variable variable) {
        return ordered(
                "name", variable.name(),
                "vendor", variable.vendor().toString(),
                "attributes", Attributes.describe(variable.attributes()),
                "attributeBits", variable.attributes(),
                "timestamp", variable.timestamp().toString(),
                "monotonicCount", Long.toUnsignedString(variable.monotonicCount()),
                "size", variable.data().length(),
                "text", VariableText.of(variable),
                "data", variable.data().hex());
    }

    static Map<String, Object> diff(StoreDiff diff) {
        return ordered(
                "added", diff.added().stream().map(StoreJson::variable).toList(),
                "removed", diff.removed().stream().map(StoreJson::variable).toList(),
                "changed",
                        diff.changed().stream()
                                .map(change ->
                                        ordered("before", variable(change.before()), "after", variable(change.after())))
                                .toList());
    }

    static Map<String, Object> conversion(Conversion conversion) {
        return ordered(
                "store", store(conversion.store()),
                "leftOut",
                        conversion.leftOut().stream().map(StoreJson::variable).toList());
    }

    static Map<String, Object> repair(Repair repair) {
        return ordered("store", store(repair.store()), "notes", repair.notes());
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
