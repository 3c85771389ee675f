package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The CRD files in {@code crds/}, found from the working directory upwards, or where the system property
 * {@value #DIRECTORY} says.
 */
final class ProjectCrds {

    static final String DIRECTORY = "uefivm.crds";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("uefivm-e2e")
            .withForce(true)
            .build();

    List<CustomResourceDefinition> applyTo(KubernetesClient client) {
        return files().stream().map(file -> apply(client, file)).toList();
    }

    private static CustomResourceDefinition apply(KubernetesClient client, Path file) {
        try {
            CustomResourceDefinition crd =
                    Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
            var resource = client.resource(crd);
            resource.patch(APPLY);
            CustomResourceDefinition established =
                    resource.waitUntilCondition(ProjectCrds::isEstablished, 1, TimeUnit.MINUTES);
            awaitDiscovery(client, established);
            return established;
        } catch (IOException | KubernetesClientException | ConditionTimeoutException e) {
            throw new ControlPlaneException("cannot apply " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * A real API server serves an established kind a moment before its discovery names it, and clients that know a kind
     * by name only (kubectl, the generic client) ask discovery first. Discovery cannot be watched.
     */
    private static void awaitDiscovery(KubernetesClient client, CustomResourceDefinition crd) {
        String kind = crd.getSpec().getNames().getKind();
        for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
            String groupVersion = crd.getSpec().getGroup() + "/" + version.getName();
            Awaitility.await("discovery of %s in %s".formatted(kind, groupVersion))
                    .atMost(1, TimeUnit.MINUTES)
                    .until(() -> discovers(client.getApiResources(groupVersion), kind));
        }
    }

    private static boolean discovers(@Nullable APIResourceList resources, String kind) {
        return resources != null
                && resources.getResources().stream().anyMatch(r -> r.getKind().equals(kind));
    }

    private static boolean isEstablished(CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    private static List<Path> files() {
        Path directory = directory();
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> files =
                    entries.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
            if (files.isEmpty()) {
                throw new ControlPlaneException("no CRD (*.yaml) in " + directory);
            }
            return files;
        } catch (IOException e) {
            throw new ControlPlaneException("cannot list " + directory, e);
        }
    }

    private static Path directory() {
        String given = System.getProperty(DIRECTORY);
        if (given != null) {
            return Path.of(given);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path crds = at.resolve("crds");
            if (Files.isRegularFile(crds.resolve("pom.xml"))) {
                return crds;
            }
        }
        throw new ControlPlaneException("no crds directory above %s; name it with -D%s="
                .formatted(Path.of("").toAbsolutePath(), DIRECTORY));
    }
}
