package io.uefivm.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Generates the CustomResourceDefinitions from the API types and adds what the generator has no annotation for: list
 * types (without them the second of two server-side appliers erases the first one's conditions), the order of printer
 * columns, categories, and rules on the object as a whole.
 */
final class CrdYaml {
    private static final String HEADER = "# Generated from the Java API types in crds/src; see CONTRIBUTING.md.\n";
    private static final Map<String, List<String>> LIST_KEYS = Map.of(
            "conditions", List.of("type"),
            "disks", List.of("name"),
            "networks", List.of("name"),
            "devices", List.of("name"),
            "variables", List.of("guid", "name"));

    private CrdYaml() {}

    /** File name to content, for every kind. */
    static Map<String, String> generate(Path scratch) throws IOException {
        new CRDGenerator()
                .inOutputDir(scratch.toFile())
                .customResourceClasses(List.of(UefiVirtualMachine.class, UefiHost.class))
                .forCRDVersions("v1")
                .withPostProcessor(new Completion())
                .detailedGenerate();
        var result = new TreeMap<String, String>();
        try (Stream<Path> files = Files.list(scratch)) {
            for (Path file : files.toList()) {
                var crd = Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
                result.put(crd.getMetadata().getName() + ".yaml", HEADER + Serialization.asYaml(crd));
            }
        }
        return result;
    }

    private static final class Completion implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata object, String version) {
            if (object instanceof CustomResourceDefinition crd) {
                boolean machine =
                        "UefiVirtualMachine".equals(crd.getSpec().getNames().getKind());
                complete(crd, machine ? UefiVirtualMachine.class : UefiHost.class, machine);
            }
            return object;
        }

        private static void complete(
                CustomResourceDefinition crd, Class<? extends CustomResource<?, ?>> type, boolean machine) {
            crd.getSpec().getNames().setCategories(machine ? List.of("all", "uefivm") : List.of("uefivm"));
            var version = crd.getSpec().getVersions().get(0);
            version.setAdditionalPrinterColumns(inDeclaredOrder(version.getAdditionalPrinterColumns(), type));
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            walk(root);
            root.getProperties().get("status").setDescription("The observed state; nobody but uefivm writes it.");
            if (machine) {
                root.setDescription(
                        "A virtual machine with UEFI firmware, Secure Boot and a TPM. Its UEFI variables and"
                                + " TPM state live in a PersistentVolumeClaim; Kubernetes places it; the node agent of that"
                                + " node runs it with libvirt.");
                root.getProperties().get("spec").setDescription("The desired state; nobody but its user writes it.");
                root.setRequired(List.of("spec"));
                root.setXKubernetesValidations(List.of(rule(
                        "self.metadata.name.size() <= 63",
                        "metadata.name may have 63 characters at most, so that it fits into a host name and a label")));
            } else {
                root.setDescription("What one KVM host can do, named as its Node: acceleration, machine types,"
                        + " firmware builds by digest. Made and filled in by uefivm.");
            }
        }

        private static List<CustomResourceColumnDefinition> inDeclaredOrder(
                List<CustomResourceColumnDefinition> columns, Class<?> type) {
            List<String> order = Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class))
                    .map(AdditionalPrinterColumn::name)
                    .toList();
            return columns.stream()
                    .sorted(Comparator.comparingInt(c -> order.indexOf(c.getName())))
                    .toList();
        }

        private static void walk(JSONSchemaProps schema) {
            // A record component's annotation reaches both its field and its accessor: each rule is found twice.
            if (schema.getXKubernetesValidations() != null) {
                schema.setXKubernetesValidations(
                        new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
            }
            if (schema.getProperties() != null) {
                schema.getProperties().forEach((name, property) -> {
                    List<String> keys = LIST_KEYS.get(name);
                    if (keys != null && "array".equals(property.getType())) {
                        property.setXKubernetesListType("map");
                        property.setXKubernetesListMapKeys(keys);
                        var required = new LinkedHashSet<String>();
                        required.addAll(keys);
                        required.addAll(property.getItems().getSchema().getRequired());
                        if ("conditions".equals(name)) {
                            required.addAll(List.of("status", "lastTransitionTime", "reason", "message"));
                        }
                        property.getItems().getSchema().setRequired(new ArrayList<>(required));
                    }
                    walk(property);
                });
            }
            if (schema.getItems() != null && schema.getItems().getSchema() != null) {
                walk(schema.getItems().getSchema());
            }
        }

        private static ValidationRule rule(String expression, String message) {
            var rule = new ValidationRule();
            rule.setRule(expression);
            rule.setMessage(message);
            return rule;
        }
    }
}
