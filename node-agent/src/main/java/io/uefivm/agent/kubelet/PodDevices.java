package io.uefivm.agent.kubelet;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.uefivm.agent.kubelet.podresources.ListPodResourcesRequest;
import io.uefivm.agent.kubelet.podresources.PodResources;
import io.uefivm.agent.kubelet.podresources.PodResourcesListerGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which devices kubelet gave to which pod, by its pod resources API. Kubelet is the one that decided it and remembers it
 * in a checkpoint, so that it is still known after either of the two was restarted.
 */
public final class PodDevices {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Path socket;
    private final UnixSockets sockets;

    /**
     * A client.
     *
     * @param kubeletDir kubelet's root directory
     */
    public PodDevices(Path kubeletDir, UnixSockets sockets) {
        this.socket = kubeletDir.resolve("pod-resources/kubelet.sock");
        this.sockets = sockets;
    }

    /**
     * The devices of a resource that a pod was given, sorted by name.
     *
     * @throws IOException when kubelet does not answer
     */
    public List<String> of(String namespace, String pod, String resource) throws IOException {
        return list().stream()
                .filter(p -> p.getNamespace().equals(namespace) && p.getName().equals(pod))
                .flatMap(p -> devices(p, resource::equals))
                .sorted()
                .toList();
    }

    /**
     * All devices that pods of this node were given, of those resources.
     *
     * @throws UncheckedIOException when kubelet does not answer
     */
    public Set<String> given(Set<String> resources) {
        try {
            return list().stream()
                    .flatMap(pod -> devices(pod, resources::contains))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> devices(PodResources pod, Predicate<String> resource) {
        return pod.getContainersList().stream()
                .flatMap(container -> container.getDevicesList().stream())
                .filter(devices -> resource.test(devices.getResourceName()))
                .flatMap(devices -> devices.getDeviceIdsList().stream());
    }

    private List<PodResources> list() throws IOException {
        if (!Files.exists(socket)) {
            throw new IOException("kubelet's " + socket + " is not there; is kubelet running, 1.20 or newer?");
        }
        ManagedChannel channel = sockets.connect(socket);
        try {
            return PodResourcesListerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .list(ListPodResourcesRequest.getDefaultInstance())
                    .getPodResourcesList();
        } catch (StatusRuntimeException e) {
            throw new IOException("kubelet does not say at " + socket + " what it gave to pods: " + e.getMessage(), e);
        } finally {
            channel.shutdownNow();
        }
    }
}
