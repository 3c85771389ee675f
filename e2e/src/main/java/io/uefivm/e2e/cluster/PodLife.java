package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod on one node, from its first sight to its last trace. Each {@link #step} does what can be done now; it is called
 * again whenever something changes, never by two threads at once.
 */
final class PodLife {

    private static final Logger LOG = LoggerFactory.getLogger(PodLife.class);
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
    /** How long an informer may take to show what was reported. */
    private static final Duration INFORMER_LAG = Duration.ofSeconds(5);

    private static final PatchContext PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager("kubelet")
            .build();

    private final KubernetesClient client;
    private final PodRuntime runtime;
    private final PodStatuses statuses;
    private final Runnable poke;
    private final Consumer<Duration> pokeAfter;
    private final String uid;

    private PodRuntime.@Nullable Running container;
    private Instant containerStart = Instant.EPOCH;
    private @Nullable Instant killAt;
    private boolean terminated;
    private String reported = "";
    private Instant reportedAt = Instant.EPOCH;
    private boolean done;

    /**
     * @param poke to be called when a further step may be possible
     * @param pokeAfter the same, later
     */
    PodLife(
            KubernetesClient client,
            PodRuntime runtime,
            PodStatuses statuses,
            String uid,
            Runnable poke,
            Consumer<Duration> pokeAfter) {
        this.client = client;
        this.runtime = runtime;
        this.statuses = statuses;
        this.uid = uid;
        this.poke = poke;
        this.pokeAfter = pokeAfter;
    }

    /** Nothing of the pod is left on the node. */
    boolean isDone() {
        return done;
    }

    /**
     * @param pod the object as the API has it, null when it is there no more
     * @param claims the volumes behind the pod's claims, empty while one of them is not bound
     * @throws IOException when the host did not do what it should; the step is to be tried again
     */
    void step(@Nullable Pod pod, Optional<Map<String, PersistentVolume>> claims) throws IOException {
        if (pod == null) {
            abandon();
        } else if (container == null) {
            begin(pod, claims);
        } else if (container.exit().isDone()) {
            finish(pod, container.exit().join());
        } else if (ENDED.contains(pod.getStatus().getPhase())) {
            // Somebody else (pod garbage collection) has declared it dead.
            container.kill();
        } else if (pod.getMetadata().getDeletionTimestamp() != null) {
            end(pod, container);
        } else {
            report("running", pod, statuses.running(pod, containerStart));
        }
    }

    private void begin(Pod pod, Optional<Map<String, PersistentVolume>> claims) throws IOException {
        String phase = pod.getStatus().getPhase();
        if (ENDED.contains(phase) || pod.getMetadata().getDeletionTimestamp() != null) {
            leave(pod);
        } else if (phase.equals("Running")) {
            // It ran before this kubelet did: the host was down.
            report("lost", pod, statuses.lost(pod));
        } else if (!reported.equals("refused")) {
            Optional<String> refusal = runtime.admit(pod);
            if (refusal.isPresent()) {
                report("refused", pod, statuses.refused(refusal.get()));
            } else {
                create(pod, claims);
            }
        }
    }

    private void create(Pod pod, Optional<Map<String, PersistentVolume>> claims) throws IOException {
        report("creating", pod, statuses.creating(pod));
        if (claims.isPresent()) {
            runtime.prepare(pod, claims.get());
            containerStart = Instant.now();
            container = runtime.start(pod, claims.get());
            var unused = container.exit().whenComplete((code, failure) -> poke.run());
            report("running", pod, statuses.running(pod, containerStart));
        }
    }

    private void end(Pod pod, PodRuntime.Running running) {
        Instant now = Instant.now();
        Duration grace =
                Duration.ofSeconds(Objects.requireNonNullElse(pod.getMetadata().getDeletionGracePeriodSeconds(), 0L));
        if (!terminated) {
            terminated = true;
            killAt = now.plus(grace);
            running.terminate();
            pokeAfter.accept(grace);
        } else if (killAt != null && now.plus(grace).isBefore(killAt)) {
            // Deleted again, with less time.
            killAt = now.plus(grace);
            pokeAfter.accept(grace);
        }
        if (killAt != null && !now.isBefore(killAt)) {
            running.kill();
        }
    }

    private void finish(Pod pod, int exitCode) throws IOException {
        // Before anybody hears of the end: the scheduler counts on it.
        runtime.release(uid);
        if (!ENDED.contains(pod.getStatus().getPhase())) {
            report("ended", pod, statuses.ended(pod, containerStart, exitCode));
        }
        leave(pod);
    }

    /** The pod has ended: its volumes go, and the object too when it is to be deleted. */
    private void leave(Pod pod) throws IOException {
        if (!done) {
            runtime.release(uid);
            runtime.cleanUp(uid);
        }
        done = pod.getMetadata().getDeletionTimestamp() == null;
        if (done) {
            return;
        }
        client.resource(pod)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .withGracePeriod(0)
                .delete();
        done = true;
    }

    /** The object is gone, so nobody waits for the container any longer. */
    private void abandon() throws IOException {
        if (container != null && !container.exit().isDone()) {
            container.kill();
            return;
        }
        if (!done) {
            runtime.release(uid);
            runtime.cleanUp(uid);
            done = true;
        }
    }

    /** Once for each state, and again when somebody else has written another one over it. */
    private void report(String state, Pod pod, PodStatus status) {
        boolean told = reported.equals(state)
                && (agrees(pod, status) || Instant.now().isBefore(reportedAt.plus(INFORMER_LAG)));
        if (told) {
            return;
        }
        try {
            client.resource(pod)
                    .subresource("status")
                    .patch(PATCH, Serialization.asJson(Map.of("status", status, "metadata", Map.of("uid", uid))));
            reported = state;
            reportedAt = Instant.now();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
            // Gone, or another pod of that name by now; the informer will say so.
            LOG.debug("pod {}: {}", uid, e.getMessage());
        }
    }

    private static boolean agrees(Pod pod, PodStatus status) {
        return Objects.equals(pod.getStatus().getPhase(), status.getPhase())
                && Objects.equals(ready(pod.getStatus()), ready(status));
    }

    private static @Nullable String ready(PodStatus status) {
        return status.getConditions().stream()
                .filter(c -> c.getType().equals("Ready"))
                .map(PodCondition::getStatus)
                .findFirst()
                .orElse(null);
    }
}
