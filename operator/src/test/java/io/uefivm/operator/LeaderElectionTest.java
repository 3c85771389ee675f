package io.uefivm.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Replicas agree by a Lease, which the mock server keeps as a real one does. */
@EnableKubernetesMockClient(crud = true)
class LeaderElectionTest {
    private static final String SYSTEM = "uefivm-system";

    /** Held, because the log manager does not: the mock server logs every request. */
    private static final Logger REQUESTS = Logger.getLogger("io.fabric8.mockwebserver");

    static {
        REQUESTS.setLevel(Level.WARNING);
    }

    private KubernetesMockServer server;
    private KubernetesClient client;

    private OperatorRuntime start() {
        return OperatorRuntime.start(
                client,
                new OperatorOptions("hold:test", SYSTEM, true, "127.0.0.1", 0, Optional.empty()),
                Clock.systemUTC());
    }

    private String leader() {
        var lease = client.leases()
                .inNamespace(SYSTEM)
                .withName(OperatorRuntime.LEADER_LEASE)
                .get();
        return lease == null ? "" : lease.getSpec().getHolderIdentity();
    }

    @Test
    void nextReplicaTakesOverAsSoonAsTheLeaderStops() {
        server.expect()
                .post()
                .withPath("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")
                .andReturn(
                        201,
                        new SelfSubjectRulesReviewBuilder()
                                .withNewStatus()
                                .addNewResourceRule()
                                .withApiGroups("*")
                                .withResources("*")
                                .withVerbs("*")
                                .endResourceRule()
                                .endStatus()
                                .build())
                .always();
        OperatorRuntime first = start();
        await().atMost(Duration.ofSeconds(60)).until(() -> !leader().isEmpty());
        String firstLeader = leader();
        try (OperatorRuntime second = start()) {
            assertThat(second.isReady()).isTrue();
            assertThat(leader()).isEqualTo(firstLeader);
            first.close();
            // The Lease lasts 15 s; one that is released is taken at the next try.
            await().atMost(Duration.ofSeconds(10)).until(() -> !leader().isEmpty() && !leader().equals(firstLeader));
        }
        assertThat(leader()).isEmpty();
    }
}
