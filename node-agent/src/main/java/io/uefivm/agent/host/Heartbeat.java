package io.uefivm.agent.host;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.api.v1alpha1.Api;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * The agent's sign of life: a Lease that has the name of its node, renewed every {@link #INTERVAL}. The operator makes
 * a UefiHost for every such Lease and takes the host out of service when it runs out.
 */
public final class Heartbeat {
    /** How often the Lease is renewed. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);
    /** How long after the last renewal the host counts as gone. */
    public static final Duration DURATION = Duration.ofSeconds(40);

    private final KubernetesClient client;
    private final String namespace;
    private final String nodeName;
    private final Clock clock;

    public Heartbeat(KubernetesClient client, String namespace, String nodeName, Clock clock) {
        this.client = client;
        this.namespace = namespace;
        this.nodeName = nodeName;
        this.clock = clock;
    }

    /**
     * Renews the Lease.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server cannot be reached or refuses
     */
    public void beat() {
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(nodeName)
                .addToLabels(Api.LABEL_AGENT_LEASE, "true")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(nodeName)
                .withLeaseDurationSeconds((int) DURATION.toSeconds())
                .withRenewTime(ZonedDateTime.now(clock.withZone(ZoneOffset.UTC)))
                .endSpec()
                .build();
        client.resource(lease)
                .inNamespace(namespace)
                .fieldManager(Api.AGENT_FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }
}
