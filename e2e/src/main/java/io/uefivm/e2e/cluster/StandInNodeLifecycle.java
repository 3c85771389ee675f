package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the node lifecycle controller, taint eviction and pod garbage collection:
 *
 * <ul>
 *   <li>a node whose Lease was not renewed for the grace period becomes {@code Ready=Unknown}, its pods not ready;
 *   <li>nodes are tainted {@code node.kubernetes.io/not-ready} or {@code unreachable} by their Ready condition;
 *   <li>pods that do not tolerate a {@code NoExecute} taint, or no longer, are deleted; on a node that is gone they stay,
 *       with deletionTimestamp, because nobody ends them;
 *   <li>pods of a node that does not exist (any more), and deleted pods of a node that is not ready and tainted {@code
 *       node.kubernetes.io/out-of-service}, are marked Failed and removed from the API.
 * </ul>
 *
 * <p>Left out: eviction rate limits and zones, pressure taints, the {@code unschedulable} taint, volume attachments.
 */
public final class StandInNodeLifecycle implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandInNodeLifecycle.class);
    private static final String NOT_READY = "node.kubernetes.io/not-ready";
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final KubernetesClient client;
    private final Duration grace;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<Lease> leases;
    /** When a Lease was last seen to change, by this clock, as the real controller has it. */
    private final Map<String, Instant> renewals = new HashMap<>();

    private final Map<String, String> lastRenewTime = new HashMap<>();
    private final SyncLoop loop;

    private StandInNodeLifecycle(KubernetesClient client, Duration grace) {
        this.client = client;
        this.grace = grace;
        this.nodes = client.nodes().runnableInformer(0);
        this.pods = client.pods().inAnyNamespace().runnableInformer(0);
        this.leases = client.leases().inNamespace("kube-node-lease").runnableInformer(0);
        nodes.run();
        pods.run();
        leases.run();
        this.loop = new SyncLoop("stand-in node lifecycle", Duration.ofSeconds(1), this::sync);
        nodes.addEventHandler(loop.onAnyEvent());
        pods.addEventHandler(loop.onAnyEvent());
        loop.start();
    }

    /**
     * Watches over the nodes until it is closed.
     *
     * @param grace how long a node may be silent; 40 s on a real cluster
     */
    public static StandInNodeLifecycle start(KubernetesClient client, Duration grace) {
        return new StandInNodeLifecycle(client, grace);
    }

    private void sync() {
        Map<String, Node> byName = new HashMap<>();
        for (Node node : nodes.getIndexer().list()) {
            byName.put(node.getMetadata().getName(), node);
            attempt(() -> watchOver(node));
        }
        for (Pod pod : pods.getIndexer().list()) {
            String name = Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
            if (!name.isEmpty()) {
                attempt(() -> lookAfter(pod, Optional.ofNullable(byName.get(name))));
            }
        }
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (KubernetesClientException e) {
            LOG.debug("{}", e.getMessage());
            loop.pokeAfter(Duration.ofMillis(500));
        }
    }

    private void watchOver(Node node) {
        if (readiness(node).isEmpty()) {
            return;
        }
        if (isSilent(node) && !readiness(node).equals("Unknown")) {
            declareUnknown(node);
            return;
        }
        List<Taint> taints = new ArrayList<>(node.getSpec().getTaints());
        taints.removeIf(t -> t.getKey().equals(NOT_READY) || t.getKey().equals(UNREACHABLE));
        String key = readiness(node).equals("Unknown") ? UNREACHABLE : NOT_READY;
        if (!readiness(node).equals("True")) {
            taints.add(kept(node, key, "NoSchedule"));
            taints.add(kept(node, key, "NoExecute"));
        }
        if (!Set.copyOf(taints).equals(Set.copyOf(node.getSpec().getTaints()))) {
            client.resource(new NodeBuilder(node)
                            .editSpec()
                            .withTaints(taints)
                            .endSpec()
                            .build())
                    .update();
        }
    }

    private static Taint kept(Node node, String key, String effect) {
        return node.getSpec().getTaints().stream()
                .filter(t -> t.getKey().equals(key) && t.getEffect().equals(effect))
                .findFirst()
                .orElseGet(() -> new Taint(effect, key, now(), null));
    }

    private boolean isSilent(Node node) {
        String name = node.getMetadata().getName();
        Lease lease = leases.getIndexer().getByKey("kube-node-lease/" + name);
        String renewed = lease == null ? "" : String.valueOf(lease.getSpec().getRenewTime());
        if (!renewed.equals(lastRenewTime.put(name, renewed))) {
            renewals.put(name, Instant.now());
        }
        return renewals.getOrDefault(name, Instant.MIN).plus(grace).isBefore(Instant.now());
    }

    /** The status of the Ready condition; empty while kubelet has not reported yet. */
    private static String readiness(Node node) {
        return Stream.ofNullable(node.getStatus())
                .flatMap(s -> s.getConditions().stream())
                .filter(c -> c.getType().equals("Ready"))
                .map(NodeCondition::getStatus)
                .findFirst()
                .orElse("");
    }

    private void declareUnknown(Node node) {
        NodeCondition unknown = new NodeConditionBuilder()
                .withType("Ready")
                .withStatus("Unknown")
                .withReason("NodeStatusUnknown")
                .withMessage("Kubelet stopped posting node status.")
                .withLastTransitionTime(now())
                .build();
        patchStatus(node, Map.of("conditions", List.of(unknown)));
        for (Pod pod : pods.getIndexer().list()) {
            if (node.getMetadata().getName().equals(pod.getSpec().getNodeName())
                    && !ENDED.contains(pod.getStatus().getPhase())) {
                attempt(() -> patchStatus(
                        pod,
                        Map.of(
                                "conditions",
                                List.of(Map.of("type", "Ready", "status", "False", "lastTransitionTime", now())))));
            }
        }
    }

    private void lookAfter(Pod pod, Optional<Node> node) {
        boolean ending = pod.getMetadata().getDeletionTimestamp() != null;
        if (node.isEmpty()) {
            // The informers are not in step: a node may be newer than what they show.
            if (client.nodes().withName(pod.getSpec().getNodeName()).get() == null) {
                collect(pod);
            }
            return;
        }
        boolean outOfService = node.get().getSpec().getTaints().stream()
                .anyMatch(t -> t.getKey().equals(OUT_OF_SERVICE));
        if (ending && outOfService && !readiness(node.get()).equals("True")) {
            collect(pod);
        } else if (!ending && !ENDED.contains(pod.getStatus().getPhase())) {
            evictIfNotTolerated(pod, node.get());
        }
    }

    private void evictIfNotTolerated(Pod pod, Node node) {
        for (Taint taint : node.getSpec().getTaints()) {
            if (!taint.getEffect().equals("NoExecute")) {
                continue;
            }
            Optional<Toleration> toleration = NodeSelection.toleration(pod.getSpec(), taint);
            if (toleration.isPresent() && toleration.get().getTolerationSeconds() == null) {
                continue;
            }
            Instant since = taint.getTimeAdded() == null ? Instant.EPOCH : Instant.parse(taint.getTimeAdded());
            Instant until = toleration
                    .map(t -> since.plusSeconds(t.getTolerationSeconds()))
                    .orElse(Instant.EPOCH);
            if (until.isAfter(Instant.now())) {
                loop.pokeAfter(Duration.between(Instant.now(), until));
                continue;
            }
            disrupt(pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", false);
            client.resource(pod).delete();
            return;
        }
    }

    /** Pod garbage collection: nobody will end this pod. */
    private void collect(Pod pod) {
        if (!ENDED.contains(pod.getStatus().getPhase())) {
            disrupt(pod, "DeletionByPodGC", "PodGC: node no longer exists or is out of service", true);
        }
        client.resource(pod).withGracePeriod(0).delete();
    }

    private void disrupt(Pod pod, String reason, String message, boolean failed) {
        Map<String, Object> status = new HashMap<>();
        status.put(
                "conditions",
                List.of(Map.of(
                        "type",
                        "DisruptionTarget",
                        "status",
                        "True",
                        "reason",
                        reason,
                        "message",
                        message,
                        "lastTransitionTime",
                        now())));
        if (failed) {
            status.put("phase", "Failed");
        }
        patchStatus(pod, status);
    }

    private void patchStatus(io.fabric8.kubernetes.api.model.HasMetadata object, Map<String, Object> status) {
        client.resource(object)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), Serialization.asJson(Map.of("status", status)));
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public void close() {
        loop.close();
        nodes.stop();
        pods.stop();
        leases.stop();
    }
}
