package io.uefivm.agent.kubelet;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.uefivm.agent.kubelet.deviceplugin.RegisterRequest;
import io.uefivm.agent.kubelet.deviceplugin.RegistrationGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device plugin for each extended resource that this host has devices of, registered with kubelet. A kubelet that
 * starts removes the sockets of all plugins and makes its own anew; by that it is noticed, and everything is registered
 * again.
 */
public final class DevicePlugins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DevicePlugins.class);
    private static final String API_VERSION = "v1beta1";
    private static final Duration KUBELET_INTERVAL = Duration.ofSeconds(1);
    private static final Duration DEVICE_INTERVAL = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Path directory;
    private final Supplier<Map<String, Map<String, Boolean>>> devices;
    private final UnixSockets sockets;
    private final Map<String, Offer> offers = new TreeMap<>();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "device-plugins");
        thread.setDaemon(true);
        return thread;
    });
    private long devicesReadAt = Long.MIN_VALUE;

    /** The plugin of a resource, its server, and the kubelet that knows of it. */
    private static final class Offer {
        private final DevicePlugin plugin;
        private final Path socket;
        private @Nullable Server server;
        private @Nullable Object registeredWith;

        private Offer(DevicePlugin plugin, Path socket) {
            this.plugin = plugin;
            this.socket = socket;
        }
    }

    private DevicePlugins(Path kubeletDir, Supplier<Map<String, Map<String, Boolean>>> devices, UnixSockets sockets) {
        this.directory = kubeletDir.resolve("device-plugins");
        this.devices = devices;
        this.sockets = sockets;
    }

    /**
     * Starts offering.
     *
     * @param kubeletDir kubelet's root directory
     * @param devices whether each device is well, by its name, by extended resource; asked every 10 seconds
     */
    public static DevicePlugins start(
            Path kubeletDir, Supplier<Map<String, Map<String, Boolean>>> devices, UnixSockets sockets) {
        var plugins = new DevicePlugins(kubeletDir, devices, sockets);
        plugins.executor.scheduleWithFixedDelay(plugins::turn, 0, KUBELET_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return plugins;
    }

    /** Something may have happened to a device: looks now. */
    public void lookSoon() {
        try {
            executor.execute(() -> {
                devicesReadAt = Long.MIN_VALUE;
                turn();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("too late, the agent is stopping", e);
        }
    }

    /** An exception that escapes would end the periodic task for ever. */
    private void turn() {
        try {
            lookAtDevices();
            Object kubelet = kubelet();
            if (kubelet != null) {
                for (Map.Entry<String, Offer> offer : offers.entrySet()) {
                    register(offer.getKey(), offer.getValue(), kubelet);
                }
            }
        } catch (IOException | UncheckedIOException | StatusRuntimeException e) {
            LOG.warn("devices cannot be offered to kubelet, will be tried again: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("devices cannot be offered to kubelet, will be tried again", e);
        }
    }

    private void lookAtDevices() {
        long now = System.nanoTime();
        if (devicesReadAt != Long.MIN_VALUE && now - devicesReadAt < DEVICE_INTERVAL.toNanos()) {
            return;
        }
        devicesReadAt = now;
        Map<String, Map<String, Boolean>> found = devices.get();
        for (String resource : found.keySet()) {
            offers.computeIfAbsent(
                    resource,
                    name -> new Offer(new DevicePlugin(name), directory.resolve(name.replace('/', '_') + ".sock")));
        }
        // A resource whose last device was unplugged stays, with none: kubelet would not forget it by itself.
        offers.forEach((resource, offer) -> offer.plugin.update(found.getOrDefault(resource, Map.of())));
    }

    /** What tells one life of kubelet from the next: its socket, and when that was made. Null while there is none. */
    private @Nullable Object kubelet() throws IOException {
        try {
            return Files.readAttributes(directory.resolve("kubelet.sock"), "unix:ino,ctime");
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void register(String resource, Offer offer, Object kubelet) throws IOException {
        boolean served = offer.server != null && Files.exists(offer.socket);
        if (served && kubelet.equals(offer.registeredWith)) {
            return;
        }
        if (!served) {
            stop(offer);
            offer.server = sockets.serve(offer.socket, List.of(offer.plugin));
        }
        ManagedChannel channel = sockets.connect(directory.resolve("kubelet.sock"));
        try {
            RegistrationGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .register(RegisterRequest.newBuilder()
                            .setVersion(API_VERSION)
                            .setEndpoint(offer.socket.getFileName().toString())
                            .setResourceName(resource)
                            .build());
        } finally {
            channel.shutdownNow();
        }
        offer.registeredWith = kubelet;
        LOG.info("registered with kubelet resource={}", resource);
    }

    private static void stop(Offer offer) {
        if (offer.server != null) {
            offer.server.shutdownNow();
            offer.server = null;
        }
    }

    /** Kubelet keeps what it allocated, and gives nothing more away until the next agent registers. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(ANSWER.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("a call to kubelet does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        offers.values().forEach(DevicePlugins::stop);
    }
}
