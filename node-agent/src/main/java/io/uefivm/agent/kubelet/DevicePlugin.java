package io.uefivm.agent.kubelet;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.uefivm.agent.kubelet.deviceplugin.AllocateRequest;
import io.uefivm.agent.kubelet.deviceplugin.AllocateResponse;
import io.uefivm.agent.kubelet.deviceplugin.ContainerAllocateRequest;
import io.uefivm.agent.kubelet.deviceplugin.ContainerAllocateResponse;
import io.uefivm.agent.kubelet.deviceplugin.Device;
import io.uefivm.agent.kubelet.deviceplugin.DevicePluginGrpc;
import io.uefivm.agent.kubelet.deviceplugin.DevicePluginOptions;
import io.uefivm.agent.kubelet.deviceplugin.Empty;
import io.uefivm.agent.kubelet.deviceplugin.ListAndWatchResponse;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The device plugin of one extended resource: tells kubelet which devices there are and which of them are well. What
 * kubelet allocates is not remembered here; kubelet itself does, across restarts of both.
 */
final class DevicePlugin extends DevicePluginGrpc.DevicePluginImplBase {
    private static final String HEALTHY = "Healthy";
    private static final String UNHEALTHY = "Unhealthy";

    private final String resource;
    private final Set<StreamObserver<ListAndWatchResponse>> watchers = new LinkedHashSet<>();
    private Map<String, Boolean> devices = Map.of();

    DevicePlugin(String resource) {
        this.resource = resource;
    }

    /** The devices now: whether each is well, by name. */
    synchronized void update(Map<String, Boolean> now) {
        if (!now.equals(devices)) {
            devices = new TreeMap<>(now);
            ListAndWatchResponse response = response();
            watchers.forEach(watcher -> watcher.onNext(response));
        }
    }

    private ListAndWatchResponse response() {
        var response = ListAndWatchResponse.newBuilder();
        devices.forEach((id, healthy) ->
                response.addDevices(Device.newBuilder().setID(id).setHealth(healthy ? HEALTHY : UNHEALTHY)));
        return response.build();
    }

    @Override
    public void getDevicePluginOptions(Empty request, StreamObserver<DevicePluginOptions> answer) {
        answer.onNext(DevicePluginOptions.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public synchronized void listAndWatch(Empty request, StreamObserver<ListAndWatchResponse> answer) {
        ((ServerCallStreamObserver<ListAndWatchResponse>) answer).setOnCancelHandler(() -> forget(answer));
        watchers.add(answer);
        answer.onNext(response());
    }

    private synchronized void forget(StreamObserver<ListAndWatchResponse> watcher) {
        watchers.remove(watcher);
    }

    /** Nothing is put into the container; the annotation is for whoever looks at it on the host. */
    @Override
    public synchronized void allocate(AllocateRequest request, StreamObserver<AllocateResponse> answer) {
        var response = AllocateResponse.newBuilder();
        for (ContainerAllocateRequest container : request.getContainerRequestsList()) {
            for (String id : container.getDevicesIdsList()) {
                if (!devices.getOrDefault(id, false)) {
                    answer.onError(Status.FAILED_PRECONDITION
                            .withDescription(resource + " " + id + " cannot be given away now; its UefiHost says why")
                            .asRuntimeException());
                    return;
                }
            }
            response.addContainerResponses(ContainerAllocateResponse.newBuilder()
                    .putAnnotations(resource, String.join(" ", container.getDevicesIdsList())));
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }
}
