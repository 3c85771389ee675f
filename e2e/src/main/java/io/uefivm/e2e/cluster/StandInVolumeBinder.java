package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the persistent volume controller and a provisioner. A claim is bound to a volume that names it, else to the
 * smallest free one that fits, else, when its class is one of {@link StandInStorageClass}, to a new one: a directory below
 * the base directory. A claim without class gets the default one. When the claim is gone, its volume is Released, and
 * with reclaim policy Delete it goes together with its directory.
 *
 * <p>Left out: block volumes, expansion, selectors by expression, snapshots, events; the size of a claim limits nothing.
 */
public final class StandInVolumeBinder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandInVolumeBinder.class);

    private static final int PROVISIONERS = 8;

    private final KubernetesClient client;
    private final Path base;
    private final SharedIndexInformer<PersistentVolumeClaim> claims;
    private final SharedIndexInformer<PersistentVolume> volumes;
    /** Provisioners of a real cluster work side by side too, and one write at a time would be what a large test waits for. */
    private final ExecutorService provisioners = Executors.newFixedThreadPool(PROVISIONERS, task -> {
        Thread thread = new Thread(task, "stand-in provisioner");
        thread.setDaemon(true);
        return thread;
    });

    private final SyncLoop loop;

    private StandInVolumeBinder(KubernetesClient client, Path base) {
        this.client = client;
        this.base = base;
        for (StandInStorageClass type : StandInStorageClass.values()) {
            if (client.resource(type.toObject()).get() == null) {
                client.resource(type.toObject()).create();
            }
        }
        this.claims = client.persistentVolumeClaims().inAnyNamespace().runnableInformer(0);
        this.volumes = client.persistentVolumes().runnableInformer(0);
        claims.run();
        volumes.run();
        this.loop = new SyncLoop("stand-in volume binder", Duration.ofSeconds(5), this::sync);
        claims.addEventHandler(loop.onAnyEvent());
        volumes.addEventHandler(loop.onAnyEvent());
        loop.start();
    }

    /**
     * Creates the storage classes and binds until it is closed.
     *
     * @param base where the directories of provisioned volumes are made; it must be at this path on every host
     */
    public static StandInVolumeBinder start(KubernetesClient client, Path base) {
        try {
            return new StandInVolumeBinder(client, Files.createDirectories(base).toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sync() {
        Map<String, PersistentVolume> byName = new HashMap<>();
        volumes.getIndexer().list().forEach(v -> byName.put(v.getMetadata().getName(), v));
        for (PersistentVolume volume : List.copyOf(byName.values())) {
            attempt(volume.getMetadata().getName(), () -> release(volume));
        }
        List<CompletableFuture<Void>> provisioning = claims.getIndexer().list().stream()
                .filter(c -> !ClaimFit.isBound(c) && c.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparing(c -> c.getMetadata().getCreationTimestamp()))
                .filter(c -> !bindExisting(c, byName))
                .map(c -> CompletableFuture.runAsync(
                        () -> attempt(c.getMetadata().getName(), () -> bindNew(c)), provisioners))
                .toList();
        provisioning.forEach(CompletableFuture::join);
    }

    private void attempt(String name, Runnable step) {
        try {
            step.run();
        } catch (KubernetesClientException e) {
            LOG.debug("{}: {}", name, e.getMessage());
            loop.pokeAfter(Duration.ofMillis(500));
        }
    }

    /** To a volume that is there and free; one claim after the other, so that no two get the same. */
    private boolean bindExisting(PersistentVolumeClaim claim, Map<String, PersistentVolume> byName) {
        if (claim.getSpec().getStorageClassName() == null) {
            return false;
        }
        Optional<PersistentVolume> found = VolumeMatch.find(claim, byName.values());
        found.ifPresent(volume -> attempt(claim.getMetadata().getName(), () -> {
            PersistentVolume reserved = reserve(volume, claim);
            byName.put(reserved.getMetadata().getName(), reserved);
            complete(claim, reserved);
        }));
        return found.isPresent();
    }

    /** To a volume of its own; or gives it the default class, and the change comes back as an event. */
    private void bindNew(PersistentVolumeClaim claim) {
        if (claim.getSpec().getStorageClassName() == null) {
            client.resource(claim)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\":{\"storageClassName\":\"%s\"}}".formatted(StandInStorageClass.SHARED.label()));
            return;
        }
        provision(claim).ifPresent(volume -> complete(claim, reserve(volume, claim)));
    }

    private Optional<PersistentVolume> provision(PersistentVolumeClaim claim) {
        Optional<StandInStorageClass> type = Stream.of(StandInStorageClass.values())
                .filter(t -> t.label().equals(claim.getSpec().getStorageClassName()))
                .findFirst();
        String node = Objects.requireNonNullElse(claim.getMetadata().getAnnotations(), Map.<String, String>of())
                .get(ClaimFit.SELECTED_NODE);
        boolean asked = claim.getSpec().getVolumeName() != null;
        if (type.isEmpty() || asked || (type.get().waitsForConsumer() && node == null)) {
            return Optional.empty();
        }
        String name = "pvc-" + claim.getMetadata().getUid();
        PersistentVolume volume = type.get()
                .volume(name, makeDirectory(name), node)
                .editSpec()
                .withCapacity(claim.getSpec().getResources().getRequests())
                .withAccessModes(claim.getSpec().getAccessModes())
                .withClaimRef(reference(claim))
                .endSpec()
                .build();
        PersistentVolume existing = client.resource(volume).get();
        return Optional.of(existing != null ? existing : client.resource(volume).create());
    }

    private Path makeDirectory(String name) {
        try {
            Path directory = Files.createDirectories(base.resolve(name));
            // As a network file system that squashes nobody: whoever the pod runs as may write.
            return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectReference reference(PersistentVolumeClaim claim) {
        return new ObjectReferenceBuilder()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .withUid(claim.getMetadata().getUid())
                .build();
    }

    private PersistentVolume reserve(PersistentVolume volume, PersistentVolumeClaim claim) {
        PersistentVolume reserved = volume;
        if (volume.getSpec().getClaimRef() == null
                || volume.getSpec().getClaimRef().getUid() == null) {
            reserved = client.resource(new PersistentVolumeBuilder(volume)
                            .editSpec()
                            .withClaimRef(reference(claim))
                            .endSpec()
                            .build())
                    .update();
        }
        return phase(reserved, "Bound");
    }

    private PersistentVolume phase(PersistentVolume volume, String phase) {
        return client.resource(volume)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"%s\"}}".formatted(phase));
    }

    private void complete(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolumeClaim named = client.resource(new PersistentVolumeClaimBuilder(claim)
                        .editMetadata()
                        .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
                        .addToAnnotations("pv.kubernetes.io/bound-by-controller", "yes")
                        .endMetadata()
                        .editSpec()
                        .withVolumeName(volume.getMetadata().getName())
                        .endSpec()
                        .build())
                .update();
        Map<String, Object> status = Map.of(
                "phase", "Bound",
                "accessModes", volume.getSpec().getAccessModes(),
                "capacity", volume.getSpec().getCapacity());
        client.resource(named)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("status", status)));
    }

    private void release(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        if (reference == null) {
            if (!"Available".equals(volume.getStatus().getPhase())) {
                phase(volume, "Available");
            }
            return;
        }
        PersistentVolumeClaim claim =
                claims.getIndexer().getByKey(reference.getNamespace() + "/" + reference.getName());
        boolean used = claim != null
                && (reference.getUid() == null
                        || reference.getUid().equals(claim.getMetadata().getUid()));
        // The informers are not in step: only a volume that was bound has lost its claim.
        if (used || !List.of("Bound", "Released").contains(volume.getStatus().getPhase()) || isThere(reference)) {
            return;
        }
        if (volume.getStatus().getPhase().equals("Bound")) {
            phase(volume, "Released");
        }
        boolean ours = base.equals(base.resolve(volume.getMetadata().getName()).getParent())
                && StandInStorageClass.PROVISIONER.equals(
                        Objects.requireNonNullElse(volume.getMetadata().getAnnotations(), Map.<String, String>of())
                                .get("pv.kubernetes.io/provisioned-by"));
        if ("Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy()) && ours) {
            Directories.delete(base.resolve(volume.getMetadata().getName()));
            client.resource(volume).delete();
        }
    }

    private boolean isThere(ObjectReference reference) {
        PersistentVolumeClaim claim = client.persistentVolumeClaims()
                .inNamespace(reference.getNamespace())
                .withName(reference.getName())
                .get();
        return claim != null
                && claim.getMetadata()
                        .getUid()
                        .equals(Objects.requireNonNullElse(
                                reference.getUid(), claim.getMetadata().getUid()));
    }

    @Override
    public void close() {
        loop.close();
        provisioners.shutdownNow();
        claims.stop();
        volumes.stop();
    }
}
