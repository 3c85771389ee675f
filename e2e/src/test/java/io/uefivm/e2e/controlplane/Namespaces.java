package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Makes namespaces for tests. */
public final class Namespaces {
    private Namespaces() {}

    /** Makes one, which must not be there yet; returns its name. */
    public static String create(KubernetesClient client, String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }
}
