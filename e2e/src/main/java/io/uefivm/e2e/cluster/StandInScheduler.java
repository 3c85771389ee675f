package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for kube-scheduler. It binds pods of the default scheduler, through {@code pods/binding}, to a node that is
 * schedulable and that the pod's {@code nodeSelector}, required node affinity, tolerations, requests (CPU, memory,
 * hugepages, extended resources, number of pods) and volumes admit; of several, to the one with most memory left. A pod
 * that fits nowhere gets {@code PodScheduled=False}, reason {@code Unschedulable}, with kube-scheduler's message, and is
 * tried again whenever something changes. Claims of a {@code WaitForFirstConsumer} class are told the chosen node and the
 * pod is bound after them.
 *
 * <p>Left out: preemption, preferences of any kind, pod affinity and topology spread, ReadWriteOncePod, scheduling gates,
 * events.
 */
public final class StandInScheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandInScheduler.class);
    private static final String NAME = "default-scheduler";
    private static final Set<String> REPELLING = Set.of("NoSchedule", "NoExecute");
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final KubernetesClient client;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<PersistentVolumeClaim> claims;
    private final SharedIndexInformer<PersistentVolume> volumes;
    private final SharedIndexInformer<StorageClass> classes;
    private final SyncLoop loop;
    /** Pod UID to node, for bindings that the informer has not shown yet. */
    private final Map<String, String> assumed = new HashMap<>();

    private StandInScheduler(KubernetesClient client) {
        this.client = client;
        this.pods = client.pods().inAnyNamespace().runnableInformer(0);
        this.nodes = client.nodes().runnableInformer(0);
        this.claims = client.persistentVolumeClaims().inAnyNamespace().runnableInformer(0);
        this.volumes = client.persistentVolumes().runnableInformer(0);
        this.classes = client.storage().v1().storageClasses().runnableInformer(0);
        informers().forEach(SharedIndexInformer::run);
        this.loop = new SyncLoop("stand-in scheduler", Duration.ofSeconds(5), this::sync);
        pods.addEventHandler(loop.onAnyEvent());
        nodes.addEventHandler(loop.onAnyEvent());
        claims.addEventHandler(loop.onAnyEvent());
        volumes.addEventHandler(loop.onAnyEvent());
        classes.addEventHandler(loop.onAnyEvent());
        loop.start();
    }

    /** Schedules until it is closed. */
    public static StandInScheduler start(KubernetesClient client) {
        return new StandInScheduler(client);
    }

    private List<SharedIndexInformer<?>> informers() {
        return List.of(pods, nodes, claims, volumes, classes);
    }

    private void sync() {
        List<Pod> all = pods.getIndexer().list();
        Map<String, Resources> used = used(all);
        all.stream()
                .filter(this::isWaiting)
                .sorted(Comparator.comparing(p -> p.getMetadata().getCreationTimestamp()))
                .forEach(pod -> schedule(pod, used));
    }

    private boolean isWaiting(Pod pod) {
        return nodeOf(pod).isEmpty()
                && pod.getMetadata().getDeletionTimestamp() == null
                && NAME.equals(pod.getSpec().getSchedulerName())
                && !ENDED.contains(pod.getStatus().getPhase());
    }

    private String nodeOf(Pod pod) {
        String node = pod.getSpec().getNodeName();
        if (node != null && !node.isEmpty()) {
            assumed.remove(pod.getMetadata().getUid());
            return node;
        }
        return assumed.getOrDefault(pod.getMetadata().getUid(), "");
    }

    private Map<String, Resources> used(List<Pod> all) {
        assumed.keySet()
                .retainAll(all.stream().map(p -> p.getMetadata().getUid()).collect(Collectors.toSet()));
        Map<String, Resources> used = new HashMap<>();
        for (Pod pod : all) {
            if (!nodeOf(pod).isEmpty() && !ENDED.contains(pod.getStatus().getPhase())) {
                used.merge(nodeOf(pod), Resources.requestedBy(pod), Resources::plus);
            }
        }
        return used;
    }

    private void schedule(Pod pod, Map<String, Resources> used) {
        ClaimFit fit = claimFit(pod);
        List<Node> candidates = new ArrayList<>();
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        for (Node node : nodes.getIndexer().list()) {
            List<String> against = against(pod, fit, node, used);
            if (against.isEmpty()) {
                candidates.add(node);
            } else {
                reasons.put(node.getMetadata().getName(), against);
            }
        }
        int count = nodes.getIndexer().list().size();
        try {
            if (fit.problem().isPresent()) {
                refuse(pod, SchedulingProblem.ofAll(count, fit.problem().get()));
            } else if (candidates.isEmpty()) {
                refuse(pod, SchedulingProblem.of(reasons.values()));
            } else {
                assign(pod, fit, roomiest(candidates, used), used);
            }
        } catch (KubernetesClientException e) {
            LOG.debug(
                    "pod {}/{}: {}",
                    pod.getMetadata().getNamespace(),
                    pod.getMetadata().getName(),
                    e.getMessage());
            loop.pokeAfter(Duration.ofMillis(500));
        }
    }

    private ClaimFit claimFit(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        Map<String, PersistentVolumeClaim> byName = new HashMap<>();
        for (String name : ClaimFit.names(pod)) {
            Optional.ofNullable(claims.getIndexer().getByKey(namespace + "/" + name))
                    .ifPresent(c -> byName.put(name, c));
        }
        Map<String, PersistentVolume> volumeByName = new HashMap<>();
        for (PersistentVolumeClaim claim : byName.values()) {
            String name = Objects.requireNonNullElse(claim.getSpec().getVolumeName(), "");
            Optional.ofNullable(volumes.getIndexer().getByKey(name)).ifPresent(v -> volumeByName.put(name, v));
        }
        Map<String, StorageClass> classByName = classes.getIndexer().list().stream()
                .collect(Collectors.toMap(c -> c.getMetadata().getName(), c -> c));
        return ClaimFit.of(pod, byName, volumeByName, classByName);
    }

    private static List<String> against(Pod pod, ClaimFit fit, Node node, Map<String, Resources> used) {
        if (Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
            return List.of("node(s) were unschedulable");
        }
        var taint = NodeSelection.untolerated(pod.getSpec(), node, REPELLING);
        if (taint.isPresent()) {
            return List.of("node(s) had untolerated taint {%s: %s}"
                    .formatted(
                            taint.get().getKey(),
                            Objects.requireNonNullElse(taint.get().getValue(), "")));
        }
        if (!NodeSelection.selects(pod.getSpec(), node)) {
            return List.of("node(s) didn't match Pod's node affinity/selector");
        }
        List<String> shortages = Resources.requestedBy(pod)
                .shortages(
                        Resources.of(allocatable(node)),
                        used.getOrDefault(node.getMetadata().getName(), Resources.none()));
        if (!shortages.isEmpty()) {
            return shortages;
        }
        return fit.allows(node) ? List.of() : List.of("node(s) had volume node affinity conflict");
    }

    private static Node roomiest(List<Node> candidates, Map<String, Resources> used) {
        Comparator<Node> byLoad = Comparator.comparing(node -> {
            BigDecimal memory = Resources.of(allocatable(node)).get("memory");
            BigDecimal taken = used.getOrDefault(node.getMetadata().getName(), Resources.none())
                    .get("memory");
            return memory.signum() == 0 ? BigDecimal.ONE : taken.divide(memory, MathContext.DECIMAL32);
        });
        return candidates.stream()
                .min(byLoad.thenComparing(n -> n.getMetadata().getName()))
                .orElseThrow();
    }

    private static Map<String, Quantity> allocatable(Node node) {
        return node.getStatus() == null ? Map.of() : node.getStatus().getAllocatable();
    }

    private void assign(Pod pod, ClaimFit fit, Node node, Map<String, Resources> used) {
        String name = node.getMetadata().getName();
        used.merge(name, Resources.requestedBy(pod), Resources::plus);
        if (!fit.waiting().isEmpty()) {
            fit.waiting().forEach(claim -> select(claim, name));
            return;
        }
        client.raw(
                "/api/v1/namespaces/%s/pods/%s/binding"
                        .formatted(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName()),
                "POST",
                Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Binding",
                        "metadata",
                        Map.of(
                                "name", pod.getMetadata().getName(),
                                "uid", pod.getMetadata().getUid()),
                        "target",
                        Map.of("apiVersion", "v1", "kind", "Node", "name", name)));
        assumed.put(pod.getMetadata().getUid(), name);
    }

    private void select(PersistentVolumeClaim claim, String node) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(claim.getMetadata().getAnnotations(), Map.of());
        if (!annotations.containsKey(ClaimFit.SELECTED_NODE)) {
            client.resource(claim)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(ClaimFit.SELECTED_NODE, node));
        }
    }

    private void refuse(Pod pod, SchedulingProblem problem) {
        Optional<PodCondition> now = pod.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("PodScheduled"))
                .findFirst();
        boolean known = now.isPresent()
                && now.get().getStatus().equals("False")
                && problem.message().equals(now.get().getMessage());
        if (known) {
            return;
        }
        String since = now.filter(c -> c.getStatus().equals("False"))
                .map(PodCondition::getLastTransitionTime)
                .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        Map<String, String> condition = Map.of(
                "type", "PodScheduled",
                "status", "False",
                "reason", "Unschedulable",
                "message", problem.message(),
                "lastTransitionTime", since);
        client.resource(pod)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        Serialization.asJson(Map.of("status", Map.of("conditions", List.of(condition)))));
    }

    @Override
    public void close() {
        loop.close();
        informers().forEach(SharedIndexInformer::stop);
    }
}
