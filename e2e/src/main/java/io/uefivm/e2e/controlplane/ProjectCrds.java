package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The CRD files in {@code crds/}, found from the working directory upwards, or where the system property
 * {@value #DIRECTORY} says.
 */
final class ProjectCrds {

    static final String DIRECTORY = "uefivm.crds";

    List<CustomResourceDefinition> applyTo(KubernetesClient client) {
        return files().stream().map(file -> apply(client, file)).toList();
    }

    private static CustomResourceDefinition apply(KubernetesClient client, Path file) {
        try {
            return ServedDefinition.apply(
                    client, Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class));
        } catch (IOException | KubernetesClientException | ConditionTimeoutException e) {
            throw new ControlPlaneException("cannot apply " + file + ": " + e.getMessage(), e);
        }
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
