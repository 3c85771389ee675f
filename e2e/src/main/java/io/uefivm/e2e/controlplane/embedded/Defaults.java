package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** What the API server fills in: the defaults of a CRD's schema, and those of pods and claims as far as they are used. */
final class Defaults {

    private Defaults() {}

    static void apply(Kind kind, ObjectNode object) {
        if (kind.definition() != null) {
            structural(kind.definition().path("schema").path("openAPIV3Schema"), object);
        } else if (kind.is("", "secrets")) {
            secret(object);
        } else if (kind.is("", "pods")) {
            pod(object.withObjectProperty("spec"));
        } else if (kind.is("", "persistentvolumeclaims")) {
            absent(object.withObjectProperty("spec"), "volumeMode", "Filesystem");
        } else if (kind.is("", "persistentvolumes")) {
            absent(object.withObjectProperty("spec"), "volumeMode", "Filesystem");
            absent(object.withObjectProperty("spec"), "persistentVolumeReclaimPolicy", "Retain");
        } else if (kind.is("storage.k8s.io", "storageclasses")) {
            absent(object, "reclaimPolicy", "Delete");
            absent(object, "volumeBindingMode", "Immediate");
        }
    }

    private static void structural(JsonNode schema, JsonNode value) {
        if (value instanceof ObjectNode object) {
            for (var property : schema.path("properties").properties()) {
                JsonNode fallback = property.getValue().path("default");
                if (!fallback.isMissingNode() && !object.has(property.getKey())) {
                    object.set(property.getKey(), fallback.deepCopy());
                }
                structural(property.getValue(), object.path(property.getKey()));
            }
            JsonNode each = schema.path("additionalProperties");
            if (each.isObject()) {
                object.forEach(v -> structural(each, v));
            }
        } else if (value.isArray()) {
            value.forEach(item -> structural(schema.path("items"), item));
        }
    }

    private static void secret(ObjectNode secret) {
        absent(secret, "type", "Opaque");
        JsonNode text = secret.remove("stringData");
        if (text != null) {
            ObjectNode data = secret.withObjectProperty("data");
            text.properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(entry.getValue().asText().getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static void pod(ObjectNode spec) {
        absent(spec, "restartPolicy", "Always");
        absent(spec, "dnsPolicy", "ClusterFirst");
        absent(spec, "schedulerName", "default-scheduler");
        if (!spec.has("terminationGracePeriodSeconds")) {
            spec.put("terminationGracePeriodSeconds", 30);
        }
        for (JsonNode container : spec.path("containers")) {
            if (container instanceof ObjectNode c) {
                absent(c, "imagePullPolicy", c.path("image").asText().contains(":") ? "IfNotPresent" : "Always");
                absent(c, "terminationMessagePath", "/dev/termination-log");
                absent(c, "terminationMessagePolicy", "File");
            }
        }
        // The DefaultTolerationSeconds admission plugin.
        for (String taint : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            boolean tolerated = false;
            for (JsonNode toleration : spec.path("tolerations")) {
                String key = toleration.path("key").asText();
                String effect = toleration.path("effect").asText();
                tolerated |= Set.of(taint, "").contains(key)
                        && Set.of("NoExecute", "").contains(effect);
            }
            if (!tolerated) {
                spec.withArrayProperty("tolerations")
                        .addObject()
                        .put("key", taint)
                        .put("operator", "Exists")
                        .put("effect", "NoExecute")
                        .put("tolerationSeconds", 300);
            }
        }
    }

    /** The status that an object has from its creation on. */
    static void applyInitialStatus(Kind kind, ObjectNode object) {
        if (kind.is("", "pods") || kind.is("", "persistentvolumeclaims") || kind.is("", "persistentvolumes")) {
            object.putObject("status").put("phase", "Pending");
        } else if (kind.is("", "namespaces")) {
            object.putObject("status").put("phase", "Active");
        } else if (kind.is("apiextensions.k8s.io", "customresourcedefinitions")) {
            ObjectNode status = object.putObject("status");
            String now = Writes.now();
            for (String type : List.of("NamesAccepted", "Established")) {
                status.withArrayProperty("conditions")
                        .addObject()
                        .put("type", type)
                        .put("status", "True")
                        .put("reason", type.equals("Established") ? "InitialNamesAccepted" : "NoConflicts")
                        .put("message", "")
                        .put("lastTransitionTime", now);
            }
            status.set("acceptedNames", object.path("spec").path("names").deepCopy());
            for (JsonNode version : object.path("spec").path("versions")) {
                if (version.path("storage").asBoolean()) {
                    status.withArrayProperty("storedVersions")
                            .add(version.path("name").asText());
                }
            }
        }
    }

    private static void absent(ObjectNode object, String field, String value) {
        if (!object.hasNonNull(field)) {
            object.put(field, value);
        }
    }
}
