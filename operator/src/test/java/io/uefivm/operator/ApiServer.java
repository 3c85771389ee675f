package io.uefivm.operator;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real API server with the project's definitions in it, for tests of the operator in process. */
final class ApiServer implements AutoCloseable {
    private static final Path CRDS = Path.of("..", "crds");

    private final KubeAPIServer server;
    private final KubernetesClient client;

    private ApiServer(KubeAPIServer server, KubernetesClient client) {
        this.server = server;
        this.client = client;
    }

    static ApiServer start() throws IOException {
        KubeAPIServer server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withApiServerVersion(System.getenv("KUBE_API_TEST_API_SERVER_VERSION"))
                .withStartupTimeout(120_000)
                .build());
        server.start();
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.getKubeConfigYaml()))
                .build();
        ApiServer started = new ApiServer(server, client);
        started.installDefinitions();
        return started;
    }

    private void installDefinitions() throws IOException {
        List<Path> files;
        try (var found = Files.list(CRDS)) {
            files = found.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
        for (Path file : files) {
            try (FileInputStream yaml = new FileInputStream(file.toFile())) {
                client.load(yaml).create();
            }
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                        .allMatch(ApiServer::isEstablished));
    }

    /** A new definition has a status whose conditions are null: the server's struct has no {@code omitempty} there. */
    private static boolean isEstablished(CustomResourceDefinition crd) {
        return Stream.ofNullable(crd.getStatus())
                .flatMap(status -> Stream.ofNullable(status.getConditions()))
                .flatMap(conditions -> conditions.stream())
                .anyMatch(c -> "Established".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    KubernetesClient client() {
        return client;
    }

    @Override
    public void close() {
        client.close();
        server.stop();
    }
}
