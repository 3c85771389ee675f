package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A kind that the API server serves and that discovery names. A real API server serves an established kind a moment before
 * its discovery names it, and clients that know a kind by name only (kubectl, the generic client) ask discovery first.
 */
final class ServedDefinition {

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("uefivm-e2e")
            .withForce(true)
            .build();

    private ServedDefinition() {}

    /**
     * Applies it and waits until it is served.
     *
     * @return the definition as stored
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when it is refused or not established in a minute
     * @throws org.awaitility.core.ConditionTimeoutException when discovery does not name it in another
     */
    static CustomResourceDefinition apply(KubernetesClient client, CustomResourceDefinition crd) {
        var resource = client.resource(crd);
        resource.patch(APPLY);
        CustomResourceDefinition established =
                resource.waitUntilCondition(ServedDefinition::isEstablished, 1, TimeUnit.MINUTES);
        String kind = crd.getSpec().getNames().getKind();
        for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
            String groupVersion = crd.getSpec().getGroup() + "/" + version.getName();
            // Discovery cannot be watched.
            Awaitility.await("discovery of %s in %s".formatted(kind, groupVersion))
                    .atMost(1, TimeUnit.MINUTES)
                    .until(() -> names(client.getApiResources(groupVersion), kind));
        }
        return established;
    }

    private static boolean names(@Nullable APIResourceList resources, String kind) {
        return resources != null
                && resources.getResources().stream().anyMatch(r -> r.getKind().equals(kind));
    }

    /** A new definition has a status whose conditions are null: the server's struct has no {@code omitempty} there. */
    private static boolean isEstablished(@Nullable CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && Stream.ofNullable(crd.getStatus().getConditions())
                        .flatMap(c -> c.stream())
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }
}
