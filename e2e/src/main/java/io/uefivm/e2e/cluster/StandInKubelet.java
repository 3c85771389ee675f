package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the kubelet of one node. It registers the Node, renews its Lease, and for each pod bound to the node: waits
 * until the claims are bound, mounts the volumes at kubelet's paths on the host, runs the container's command as a process,
 * and reports phase, conditions, addresses and container state. Device plugins register at its socket; what they offer is
 * in the Node's capacity, a pod gets its devices before anything else and fails with UnexpectedAdmissionError without them,
 * and the pod resources API says who has what. On deletion it sends SIGTERM, waits for the grace period
 * (or a shorter one that a later deletion gives), sends SIGKILL, reports the end, unmounts, and deletes the object. A pod
 * whose container has ended is Succeeded or Failed, its volumes are unmounted, and the object stays. A pod that was deleted
 * by force is killed as soon as it is missed.
 *
 * <p>Left out: more than one container, init containers, restarts ({@code restartPolicy} is taken as Never), probes, images
 * (the command must be in the pod), logs, exec, resource limits other than that of memory, cgroups of version 1, events,
 * static pods, and the volume types named in {@code HostRuntime}.
 */
public final class StandInKubelet implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandInKubelet.class);
    private static final AtomicInteger NODES = new AtomicInteger();
    private static final String BY_UID = "uid";
    private static final String BY_CLAIM = "claim";
    /** Nothing on paper changes without an event; as often as kubelet looks at each pod by default. */
    private static final Duration ON_PAPER = Duration.ofMinutes(1);

    private static final int WORKERS = 4;
    private static final String DIRECTORY = "/var/lib/kubelet";

    /** What a kubelet is to be told of its node. */
    public record Settings(
            String name,
            Map<String, Quantity> allocatable,
            Map<String, String> labels,
            Duration heartbeat,
            CgroupDriver cgroups) {

        public Settings {
            allocatable = Map.copyOf(allocatable);
            labels = Map.copyOf(labels);
        }

        /** Without cgroups. */
        public Settings(
                String name, Map<String, Quantity> allocatable, Map<String, String> labels, Duration heartbeat) {
            this(name, allocatable, labels, heartbeat, CgroupDriver.NONE);
        }

        /** A heartbeat every 10 s, as kubelet has it, and no cgroups. */
        public static Settings of(String name, String cpu, String memory) {
            return new Settings(
                    name,
                    Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)),
                    Map.of(),
                    Duration.ofSeconds(10));
        }

        public Settings withLabels(Map<String, String> more) {
            return new Settings(name, allocatable, more, heartbeat, cgroups);
        }

        public Settings withHeartbeat(Duration interval) {
            return new Settings(name, allocatable, labels, interval, cgroups);
        }

        public Settings withCgroups(CgroupDriver driver) {
            return new Settings(name, allocatable, labels, heartbeat, driver);
        }
    }

    private final KubernetesClient client;
    private final Settings settings;
    private final PodRuntime runtime;
    private final @Nullable DeviceManager devices;
    private final NodeRegistration registration;
    private final String network;
    private final SharedIndexInformer<Pod> pods;
    private final BoundVolumes volumes;
    private final Consumer<String> onClaim = this::pokeUsers;
    private final Map<String, PodLife> lives = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Void>> steps = new ConcurrentHashMap<>();
    /** Pods that something happened to during a step. */
    private final Set<String> missed = ConcurrentHashMap.newKeySet();

    private final AtomicInteger addresses = new AtomicInteger();
    private final ExecutorService workers;
    private final SyncLoop heartbeat;
    private final SyncLoop loop;

    private StandInKubelet(
            KubernetesClient client,
            Settings settings,
            PodRuntime runtime,
            @Nullable DeviceManager devices,
            BoundVolumes volumes,
            Duration resync) {
        this.client = client;
        this.settings = settings;
        this.runtime = runtime;
        this.devices = devices;
        int number = NODES.incrementAndGet();
        this.network = "10.244." + number % 256;
        this.registration = new NodeRegistration(
                client,
                settings.name(),
                "192.168.77." + number % 256,
                settings.allocatable(),
                settings.labels(),
                devices == null ? Map::of : devices::counts);
        registration.register();
        this.pods = client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", settings.name())
                .runnableInformer(0);
        this.volumes = volumes;
        pods.addIndexers(Map.of(BY_UID, pod -> List.of(pod.getMetadata().getUid()), BY_CLAIM, BoundVolumes::claimsOf));
        pods.run();
        this.workers = Executors.newFixedThreadPool(WORKERS, task -> {
            Thread thread = new Thread(task, "stand-in kubelet " + settings.name());
            thread.setDaemon(true);
            return thread;
        });
        this.heartbeat = new SyncLoop("heartbeat of " + settings.name(), settings.heartbeat(), registration::heartbeat);
        this.loop = new SyncLoop("stand-in kubelet " + settings.name(), resync, this::sync);
        pods.addEventHandler(new OnAny<>(pod -> poke(pod.getMetadata().getUid())));
        volumes.onChange(onClaim);
        if (devices != null) {
            devices.onChange(heartbeat::poke);
        }
        heartbeat.start();
        loop.start();
    }

    /**
     * A kubelet that works on a host, below {@code /var/lib/kubelet} there.
     *
     * @throws KubernetesClientException when the node cannot be registered
     * @throws UncheckedIOException when the sockets for device plugins cannot be made
     */
    public static StandInKubelet start(
            KubernetesClient client, Settings settings, HostShell host, BoundVolumes volumes) {
        DeviceManager devices;
        try {
            devices = DeviceManager.start(host.outside(DIRECTORY));
        } catch (IOException e) {
            throw new UncheckedIOException("device plugins of " + settings.name(), e);
        }
        try {
            return new StandInKubelet(
                    client,
                    settings,
                    new HostRuntime(client, host, DIRECTORY, devices, settings.cgroups()),
                    devices,
                    volumes,
                    Duration.ofSeconds(2));
        } catch (RuntimeException e) {
            devices.close();
            throw e;
        }
    }

    /**
     * A kubelet without host, for thousands of pods: containers are not processes and run until SIGTERM, volumes are not
     * mounted.
     */
    public static StandInKubelet startOnPaper(KubernetesClient client, Settings settings, BoundVolumes volumes) {
        return new StandInKubelet(client, settings, new PaperRuntime(), null, volumes, ON_PAPER);
    }

    public String nodeName() {
        return settings.name();
    }

    private void sync() {
        Set<String> uids = new LinkedHashSet<>(lives.keySet());
        for (Pod pod : pods.getIndexer().list()) {
            uids.add(pod.getMetadata().getUid());
        }
        uids.forEach(this::look);
    }

    /** Something happened to that pod, or to what it needs. */
    private void poke(String uid) {
        loop.execute(() -> look(uid));
    }

    private void pokeAfter(String uid, Duration delay) {
        loop.executeAfter(delay, () -> look(uid));
    }

    private void pokeUsers(String claim) {
        for (Pod pod : pods.getIndexer().byIndex(BY_CLAIM, claim)) {
            poke(pod.getMetadata().getUid());
        }
    }

    private void look(String uid) {
        boolean gone = current(uid) == null;
        PodLife life = gone ? lives.get(uid) : lives.computeIfAbsent(uid, this::begin);
        if (life == null) {
            return;
        }
        if (life.isDone() && gone) {
            lives.remove(uid);
        } else {
            beginStep(uid, life);
        }
    }

    private void beginStep(String uid, PodLife life) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        if (steps.putIfAbsent(uid, end) != null) {
            missed.add(uid);
            return;
        }
        workers.execute(() -> {
            try {
                step(uid, life);
            } finally {
                steps.remove(uid);
                end.complete(null);
                if (missed.remove(uid)) {
                    poke(uid);
                }
            }
        });
    }

    private PodLife begin(String uid) {
        PodStatuses statuses =
                new PodStatuses(network + "." + (addresses.incrementAndGet() % 250 + 2), network + ".1", Instant.now());
        return new PodLife(client, runtime, statuses, uid, () -> poke(uid), delay -> pokeAfter(uid, delay));
    }

    private void step(String uid, PodLife life) {
        try {
            // Not as it was when the step was planned: the informer may know more by now.
            Pod pod = current(uid);
            boolean wasDone = life.isDone();
            life.step(pod, pod == null ? Optional.empty() : volumes.behind(pod));
            if (life.isDone() && !wasDone) {
                poke(uid);
            }
        } catch (IOException e) {
            LOG.warn("pod {} on {}: {}", uid, settings.name(), e.getMessage());
            pokeAfter(uid, Duration.ofSeconds(1));
        } catch (KubernetesClientException e) {
            LOG.debug("pod {} on {}: {}", uid, settings.name(), e.getMessage());
            pokeAfter(uid, Duration.ofMillis(500));
        } catch (RuntimeException e) {
            LOG.warn("pod {} on {}", uid, settings.name(), e);
            pokeAfter(uid, Duration.ofSeconds(1));
        }
    }

    private @Nullable Pod current(String uid) {
        return pods.getIndexer().byIndex(BY_UID, uid).stream().findFirst().orElse(null);
    }

    /**
     * The node is cut off: no heartbeat, and no pod is looked at; what runs goes on. When this returns, nothing more is
     * written to the API.
     */
    public void pause() {
        heartbeat.pause();
        loop.pause();
        List.copyOf(steps.values()).forEach(CompletableFuture::join);
    }

    /** The node is back, after {@link #pause} or {@link #hostLost}, and catches up with what happened meanwhile. */
    public void resume() {
        heartbeat.resume();
        loop.resume();
    }

    /** The host loses its power: as {@link #pause}, and containers and mounts are gone. */
    public void hostLost() {
        pause();
        runtime.close();
        lives.clear();
    }

    /** Ends the containers, unmounts, and leaves the Node to the node lifecycle controller. */
    @Override
    public void close() {
        volumes.forget(onClaim);
        heartbeat.close();
        loop.close();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("kubelet of {} does not end", settings.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pods.stop();
        runtime.close();
        if (devices != null) {
            devices.close();
        }
    }
}
