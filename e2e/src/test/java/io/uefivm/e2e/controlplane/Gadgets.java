package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.UUID;

/** A small custom kind with all that matters here: list-map conditions, status subresource, selectable field, defaults. */
final class Gadgets {

    final KubernetesClient client;
    final String namespace;

    private Gadgets(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** The kind, applied, and a namespace of its own. */
    static Gadgets on(ControlPlane controlPlane) {
        KubernetesClient client = controlPlane.client();
        try (InputStream yaml = Gadgets.class.getResourceAsStream("/io/uefivm/e2e/gadgets.yaml")) {
            ServedDefinition.apply(
                    client, Serialization.unmarshal(Objects.requireNonNull(yaml), CustomResourceDefinition.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Gadgets(client, newNamespace(client));
    }

    static String newNamespace(KubernetesClient client) {
        return Namespaces.create(client, "t-" + UUID.randomUUID().toString().substring(0, 8));
    }

    MixedOperation<GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            all() {
        return client.genericKubernetesResources("test.uefivm.io/v1", "Gadget");
    }

    GenericKubernetesResource get(String name) {
        return Objects.requireNonNull(
                all().inNamespace(namespace).withName(name).get());
    }

    String create(String name) {
        return create(name, "{size: 1}");
    }

    String create(String name, String spec) {
        client.resource(gadget(name, "spec: " + spec)).create();
        return name;
    }

    /** A gadget of one more line of YAML. */
    GenericKubernetesResource gadget(String name, String line) {
        return Serialization.unmarshal("""
                        apiVersion: test.uefivm.io/v1
                        kind: Gadget
                        metadata: {name: %s, namespace: %s}
                        %s
                        """.formatted(name, namespace, line), GenericKubernetesResource.class);
    }

    GenericKubernetesResource apply(String manager, String name, String line) {
        return client.resource(gadget(name, line)).patch(apply(manager, true));
    }

    GenericKubernetesResource applyWithoutForce(String manager, String name, String line) {
        return client.resource(gadget(name, line)).patch(apply(manager, false));
    }

    GenericKubernetesResource applyStatus(String manager, String name, String status) {
        return client.resource(gadget(name, "status: " + status))
                .subresource("status")
                .patch(apply(manager, true));
    }

    static PatchContext apply(String manager, boolean force) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(force)
                .build();
    }

    static int codeOf(Throwable failure) {
        return failure instanceof KubernetesClientException e ? e.getCode() : -1;
    }
}
