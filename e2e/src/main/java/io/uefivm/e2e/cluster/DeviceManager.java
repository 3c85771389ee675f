package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.uefivm.agent.kubelet.UnixSockets;
import io.uefivm.agent.kubelet.deviceplugin.AllocateRequest;
import io.uefivm.agent.kubelet.deviceplugin.AllocateResponse;
import io.uefivm.agent.kubelet.deviceplugin.ContainerAllocateRequest;
import io.uefivm.agent.kubelet.deviceplugin.Device;
import io.uefivm.agent.kubelet.deviceplugin.DevicePluginGrpc;
import io.uefivm.agent.kubelet.deviceplugin.Empty;
import io.uefivm.agent.kubelet.deviceplugin.ListAndWatchResponse;
import io.uefivm.agent.kubelet.deviceplugin.RegisterRequest;
import io.uefivm.agent.kubelet.deviceplugin.RegistrationGrpc;
import io.uefivm.agent.kubelet.podresources.ContainerDevices;
import io.uefivm.agent.kubelet.podresources.ContainerResources;
import io.uefivm.agent.kubelet.podresources.ListPodResourcesRequest;
import io.uefivm.agent.kubelet.podresources.ListPodResourcesResponse;
import io.uefivm.agent.kubelet.podresources.PodResources;
import io.uefivm.agent.kubelet.podresources.PodResourcesListerGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The device manager of a kubelet on its real sockets: takes registrations, watches each plugin's devices, allocates healthy
 * ones that are free to containers, and tells by the pod resources API who has what. As kubelet does, it empties the
 * plugins' directory when it starts, and remembers allocations across a restart.
 *
 * <p>Left out: preferred allocation, NUMA topology, the checkpoint file (what was allocated is known as long as this object
 * lives), and what a container runtime does with the answer.
 */
final class DeviceManager implements AutoCloseable {
    private static final long ANSWER_SECONDS = 10;

    /** Who has devices: a container of a pod. */
    private record Holder(String uid, String namespace, String pod, String container) {}

    /**
     * Devices of one resource.
     *
     * @param capacity all that there are
     * @param allocatable those of them that are well, whoever has them
     */
    record Count(long capacity, long allocatable) {}

    private final Path plugins;
    private final Path podResources;
    private final UnixSockets sockets = new UnixSockets();
    private final Map<String, Plugin> registered = new TreeMap<>();
    private final Map<Holder, Map<String, List<String>>> allocations = new LinkedHashMap<>();
    private volatile Runnable onChange = () -> {};
    private @Nullable Server registration;
    private @Nullable Server lister;

    /** A plugin as kubelet sees it. */
    private static final class Plugin {
        private final ManagedChannel channel;
        private Map<String, Boolean> devices = Map.of();

        private Plugin(ManagedChannel channel) {
            this.channel = channel;
        }
    }

    private DeviceManager(Path kubeletDir) {
        this.plugins = kubeletDir.resolve("device-plugins");
        this.podResources = kubeletDir.resolve("pod-resources");
    }

    /**
     * Starts it.
     *
     * @param kubeletDir kubelet's root directory, as this process sees it
     */
    static DeviceManager start(Path kubeletDir) throws IOException {
        var manager = new DeviceManager(kubeletDir);
        manager.up();
        return manager;
    }

    /** Calls {@code listener}, which must not wait for anything, when {@link #counts()} may have changed. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    private synchronized void up() throws IOException {
        Files.createDirectories(podResources);
        Files.createDirectories(plugins);
        try (Stream<Path> old = Files.list(plugins)) {
            for (Path socket : old.toList()) {
                Files.delete(socket);
            }
        }
        lister = sockets.serve(podResources.resolve("kubelet.sock"), List.of(new Lister()));
        registration = sockets.serve(plugins.resolve("kubelet.sock"), List.of(new Registration()));
    }

    /** Not while holding the lock: a server waits for its thread, which may wait for the lock. */
    private void down() {
        List<Server> servers;
        List<Plugin> watched;
        synchronized (this) {
            servers =
                    Stream.of(registration, lister).flatMap(Stream::ofNullable).toList();
            watched = List.copyOf(registered.values());
            registered.clear();
        }
        watched.forEach(plugin -> plugin.channel.shutdownNow());
        servers.forEach(Server::shutdownNow);
    }

    /** Ends and starts again; the pods and what they have stay. */
    void restart() throws IOException {
        down();
        up();
        onChange.run();
    }

    /** How many devices there are of each resource that was ever registered. */
    synchronized Map<String, Count> counts() {
        var counts = new TreeMap<String, Count>();
        registered.forEach((resource, plugin) -> counts.put(
                resource,
                new Count(
                        plugin.devices.size(),
                        plugin.devices.values().stream()
                                .filter(healthy -> healthy)
                                .count())));
        return counts;
    }

    /**
     * Gives each container of a pod the devices that it asks for, as when the pod is admitted. What it has already, it
     * keeps.
     *
     * @throws IOException when there are too few, in kubelet's words, or the plugin refuses; the pod has nothing then
     */
    void allocate(Pod pod) throws IOException {
        for (Container container : pod.getSpec().getContainers()) {
            var holder = new Holder(
                    pod.getMetadata().getUid(),
                    pod.getMetadata().getNamespace(),
                    pod.getMetadata().getName(),
                    container.getName());
            for (Map.Entry<String, Integer> amount : wanted(container).entrySet()) {
                allocate(holder, amount.getKey(), amount.getValue());
            }
        }
    }

    /** Of the limits, which requests of extended resources are equal to, those that a plugin has registered. */
    private synchronized Map<String, Integer> wanted(Container container) {
        var wanted = new TreeMap<String, Integer>();
        if (container.getResources() != null && container.getResources().getLimits() != null) {
            for (Map.Entry<String, Quantity> limit :
                    container.getResources().getLimits().entrySet()) {
                if (registered.containsKey(limit.getKey())) {
                    wanted.put(
                            limit.getKey(),
                            limit.getValue().getNumericalAmount().intValueExact());
                }
            }
        }
        return wanted;
    }

    private void allocate(Holder holder, String resource, int amount) throws IOException {
        List<String> ids;
        ManagedChannel channel;
        synchronized (this) {
            Map<String, List<String>> held = allocations.computeIfAbsent(holder, any -> new TreeMap<>());
            Plugin plugin = registered.get(resource);
            if (held.containsKey(resource) || plugin == null) {
                return;
            }
            ids = free(resource, plugin).limit(amount).toList();
            if (ids.size() < amount) {
                release(holder.uid());
                throw new IOException("Allocate failed due to requested number of devices unavailable for " + resource
                        + ". Requested: " + amount + ", Available: " + ids.size() + ", which is unexpected");
            }
            channel = plugin.channel;
            held.put(resource, ids);
        }
        try {
            AllocateResponse unused = DevicePluginGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .allocate(AllocateRequest.newBuilder()
                            .addContainerRequests(
                                    ContainerAllocateRequest.newBuilder().addAllDevicesIds(ids))
                            .build());
        } catch (StatusRuntimeException e) {
            release(holder.uid());
            throw new IOException(
                    "Allocate failed due to rpc error: " + e.getStatus().getDescription() + ", which is unexpected", e);
        }
    }

    private Stream<String> free(String resource, Plugin plugin) {
        var taken = new ArrayList<String>();
        allocations.values().forEach(held -> taken.addAll(held.getOrDefault(resource, List.of())));
        return plugin.devices.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .filter(id -> !taken.contains(id));
    }

    /** The pod has ended: what it had is free again. */
    synchronized void release(String podUid) {
        allocations.keySet().removeIf(holder -> holder.uid().equals(podUid));
    }

    /** The host was down: no pod has anything, and nothing is offered until plugins register again. */
    synchronized void forget() {
        allocations.clear();
    }

    private final class Registration extends RegistrationGrpc.RegistrationImplBase {
        @Override
        public void register(RegisterRequest request, StreamObserver<Empty> answer) {
            if (!request.getVersion().equals("v1beta1")) {
                answer.onError(Status.INVALID_ARGUMENT
                        .withDescription("version " + request.getVersion() + " is not supported")
                        .asRuntimeException());
                return;
            }
            var plugin = new Plugin(sockets.connect(plugins.resolve(request.getEndpoint())));
            synchronized (DeviceManager.this) {
                Plugin before = registered.put(request.getResourceName(), plugin);
                if (before != null) {
                    before.channel.shutdownNow();
                }
            }
            answer.onNext(Empty.getDefaultInstance());
            answer.onCompleted();
            // Not as a part of this call, with whose end it would be cancelled.
            Context.ROOT.run(() -> DevicePluginGrpc.newStub(plugin.channel)
                    .listAndWatch(Empty.getDefaultInstance(), new Watch(request.getResourceName(), plugin)));
        }
    }

    private final class Watch implements StreamObserver<ListAndWatchResponse> {
        private final String resource;
        private final Plugin plugin;

        private Watch(String resource, Plugin plugin) {
            this.resource = resource;
            this.plugin = plugin;
        }

        @Override
        public void onNext(ListAndWatchResponse response) {
            var devices = new TreeMap<String, Boolean>();
            for (Device device : response.getDevicesList()) {
                devices.put(device.getID(), device.getHealth().equals("Healthy"));
            }
            become(devices);
        }

        /** A plugin that is gone: nothing of it is well any more. */
        @Override
        public void onError(Throwable failure) {
            become(Map.of());
        }

        @Override
        public void onCompleted() {
            become(Map.of());
        }

        private void become(Map<String, Boolean> devices) {
            synchronized (DeviceManager.this) {
                if (!Objects.equals(registered.get(resource), plugin)) {
                    return;
                }
                plugin.devices = devices;
            }
            onChange.run();
        }
    }

    private final class Lister extends PodResourcesListerGrpc.PodResourcesListerImplBase {
        @Override
        public void list(ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
            var response = ListPodResourcesResponse.newBuilder();
            synchronized (DeviceManager.this) {
                allocations.forEach((holder, held) -> {
                    var container = ContainerResources.newBuilder().setName(holder.container());
                    held.forEach((resource, ids) -> container.addDevices(ContainerDevices.newBuilder()
                            .setResourceName(resource)
                            .addAllDeviceIds(ids)));
                    response.addPodResources(PodResources.newBuilder()
                            .setNamespace(holder.namespace())
                            .setName(holder.pod())
                            .addContainers(container));
                });
            }
            answer.onNext(response.build());
            answer.onCompleted();
        }
    }

    @Override
    public void close() {
        down();
        sockets.close();
    }
}
