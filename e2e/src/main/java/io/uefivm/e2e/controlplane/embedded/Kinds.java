package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds that are served: the built-in ones that a VM on Kubernetes touches, and those of the CRDs applied so far. */
final class Kinds {

    private static final List<Kind> BUILT_IN = List.of(
            Kind.builtIn("v1", "Namespace", "namespaces", false, true)
                    .shortNamed("ns")
                    .selectableBy("status.phase"),
            Kind.builtIn("v1", "Node", "nodes", false, true).shortNamed("no").selectableBy("spec.unschedulable"),
            Kind.builtIn("v1", "Pod", "pods", true, true)
                    .shortNamed("po")
                    .selectableBy(
                            "spec.nodeName",
                            "spec.restartPolicy",
                            "spec.schedulerName",
                            "spec.serviceAccountName",
                            "status.phase",
                            "status.podIP"),
            Kind.builtIn("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, true)
                    .shortNamed("pvc"),
            Kind.builtIn("v1", "PersistentVolume", "persistentvolumes", false, true)
                    .shortNamed("pv"),
            Kind.builtIn("v1", "ConfigMap", "configmaps", true, false).shortNamed("cm"),
            Kind.builtIn("v1", "Secret", "secrets", true, false).selectableBy("type"),
            Kind.builtIn("v1", "Service", "services", true, true).shortNamed("svc"),
            Kind.builtIn("v1", "ServiceAccount", "serviceaccounts", true, false).shortNamed("sa"),
            Kind.builtIn("v1", "ResourceQuota", "resourcequotas", true, true).shortNamed("quota"),
            Kind.builtIn("v1", "Event", "events", true, false)
                    .shortNamed("ev")
                    .selectableBy(
                            "involvedObject.kind",
                            "involvedObject.namespace",
                            "involvedObject.name",
                            "involvedObject.uid",
                            "reason",
                            "type"),
            Kind.builtIn("events.k8s.io/v1", "Event", "events", true, false).shortNamed("ev"),
            Kind.builtIn("coordination.k8s.io/v1", "Lease", "leases", true, false),
            Kind.builtIn("storage.k8s.io/v1", "StorageClass", "storageclasses", false, false)
                    .shortNamed("sc"),
            Kind.builtIn("apps/v1", "Deployment", "deployments", true, true).shortNamed("deploy"),
            Kind.builtIn("apps/v1", "DaemonSet", "daemonsets", true, true).shortNamed("ds"),
            Kind.builtIn("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true, true)
                    .shortNamed("pdb"),
            Kind.builtIn("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true, false)
                    .shortNamed("netpol"),
            Kind.builtIn("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false, false)
                    .shortNamed("pc"),
            Kind.builtIn("rbac.authorization.k8s.io/v1", "Role", "roles", true, false),
            Kind.builtIn("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true, false),
            Kind.builtIn("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false, false),
            Kind.builtIn("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false, false),
            Kind.builtIn(
                    "admissionregistration.k8s.io/v1",
                    "ValidatingAdmissionPolicy",
                    "validatingadmissionpolicies",
                    false,
                    true),
            Kind.builtIn(
                    "admissionregistration.k8s.io/v1",
                    "ValidatingAdmissionPolicyBinding",
                    "validatingadmissionpolicybindings",
                    false,
                    false),
            Kind.builtIn(
                            "apiextensions.k8s.io/v1",
                            "CustomResourceDefinition",
                            "customresourcedefinitions",
                            false,
                            true)
                    .shortNamed("crd", "crds"));

    private final Map<String, List<Kind>> custom = new LinkedHashMap<>();

    void define(JsonNode crd) {
        custom.put(Json.name(crd), Kind.of(crd));
    }

    void undefine(JsonNode crd) {
        custom.remove(Json.name(crd));
    }

    List<Kind> all() {
        List<Kind> all = new ArrayList<>(BUILT_IN);
        custom.values().forEach(all::addAll);
        return all;
    }

    Optional<Kind> find(String group, String version, String plural) {
        return all().stream()
                .filter(k -> k.is(group, plural) && k.version().equals(version))
                .findFirst();
    }
}
