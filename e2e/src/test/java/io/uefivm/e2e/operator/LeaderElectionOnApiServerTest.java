package io.uefivm.e2e.operator;

import static io.uefivm.e2e.operator.Stage.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.controlplane.Namespaces;
import io.uefivm.e2e.controlplane.RealApiServer;
import io.uefivm.operator.OperatorOptions;
import io.uefivm.operator.OperatorRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Replicas that race for the Lease of a real API server: one works at any time, and the next takes over. */
class LeaderElectionOnApiServerTest {
    private static final String REVIEW = "/selfsubjectrulesreviews";
    /** The framework asks for its rights on Leases; an API server that is linked from libraries alone knows no rights. */
    private static final String EVERYTHING = """
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {},
             "status": {"incomplete": false, "nonResourceRules": [],
                        "resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}}""";

    @RegisterExtension
    static final RealApiServer API = new RealApiServer();

    private static HttpServer rights;

    private final List<OperatorRuntime> replicas = new ArrayList<>();
    private final List<KubernetesClient> clients = new ArrayList<>();

    @BeforeAll
    static void startApiServer() throws IOException {
        API.controlPlane().applyCrds();
        Namespaces.create(API.client(), SYSTEM);
        Namespaces.create(API.client(), "vms");
        rights = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        rights.createContext(REVIEW, exchange -> {
            byte[] body = EVERYTHING.getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(201, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        rights.start();
    }

    @AfterAll
    static void stopRights() {
        if (rights != null) {
            rights.stop(0);
        }
    }

    @AfterEach
    void stop() {
        replicas.forEach(OperatorRuntime::close);
        clients.forEach(KubernetesClient::close);
    }

    @Test
    void oneOfThreeReplicasWorksAndTheNextTakesOver() throws Exception {
        for (int i = 0; i < 3; i++) {
            replicas.add(replica());
        }
        assertThat(replicas).allMatch(OperatorRuntime::isReady);
        reconciled("first");
        OperatorRuntime leader = onlyWriter();

        replicas.remove(leader);
        String before = holder();
        leader.close();
        // The Lease lasts 15 s; one that is released is taken at the next try.
        await().atMost(Duration.ofSeconds(30)).until(() -> !holder().isEmpty() && !holder().equals(before));
        reconciled("second");
        assertThat(onlyWriter()).isNotSameAs(leader);
    }

    private OperatorRuntime replica() {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(API.client().getConfiguration())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("rights", new Interceptor() {
                    @Override
                    public void before(BasicBuilder request, HttpRequest original, RequestTags tags) {
                        if (original.uri().getPath().endsWith(REVIEW)) {
                            request.uri(URI.create(
                                    "http://127.0.0.1:" + rights.getAddress().getPort() + REVIEW));
                        }
                    }
                }))
                .build();
        clients.add(client);
        return OperatorRuntime.start(
                client,
                new OperatorOptions("hold:test", SYSTEM, true, "127.0.0.1", 0, Optional.empty()),
                Clock.systemUTC());
    }

    private static String holder() {
        var lease = API.client()
                .leases()
                .inNamespace(SYSTEM)
                .withName(OperatorRuntime.LEADER_LEASE)
                .get();
        String holder = lease == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    /** Creates a VM and waits until somebody has said something of it. */
    private static void reconciled(String name) {
        API.client()
                .resource(Serialization.unmarshal("""
                        apiVersion: uefivm.io/v1alpha1
                        kind: UefiVirtualMachine
                        metadata: {name: %s, namespace: vms}
                        spec: {memory: {size: 512Mi}}
                        """.formatted(name), UefiVirtualMachine.class))
                .create();
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> API.client()
                                .resources(UefiVirtualMachine.class)
                                .inNamespace("vms")
                                .withName(name)
                                .get()
                                .getStatus(),
                        status -> status != null && !status.conditions().isEmpty());
    }

    private OperatorRuntime onlyWriter() throws IOException, InterruptedException {
        List<OperatorRuntime> writers = new ArrayList<>();
        for (OperatorRuntime replica : replicas) {
            if (metrics(replica).lines().anyMatch(line -> line.startsWith("uefivm_api_writes_total{"))) {
                writers.add(replica);
            }
        }
        assertThat(writers).hasSize(1);
        return writers.get(0);
    }

    private static String metrics(OperatorRuntime replica) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        java.net.http.HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + replica.healthPort() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
