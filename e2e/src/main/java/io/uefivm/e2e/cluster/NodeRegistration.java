package io.uefivm.e2e.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeSystemInfoBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** A kubelet's Node object and the Lease of the same name, as it registers and renews them. */
final class NodeRegistration {

    private static final String LEASES = "kube-node-lease";
    /** metav1.MicroTime: always six digits. */
    private static final DateTimeFormatter MICRO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);

    private static final PatchContext PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager("kubelet")
            .build();

    private final KubernetesClient client;
    private final String name;
    private final String address;
    private final Map<String, Quantity> allocatable;
    private final Map<String, String> labels;
    private final Supplier<Map<String, DeviceManager.Count>> devices;
    private Map<String, DeviceManager.Count> published = Map.of();
    private final String bootId = UUID.randomUUID().toString();

    /** @param devices what device plugins offer, besides {@code allocatable} */
    NodeRegistration(
            KubernetesClient client,
            String name,
            String address,
            Map<String, Quantity> allocatable,
            Map<String, String> labels,
            Supplier<Map<String, DeviceManager.Count>> devices) {
        this.client = client;
        this.name = name;
        this.address = address;
        this.allocatable = new HashMap<>(allocatable);
        this.allocatable.putIfAbsent("pods", new Quantity("110"));
        this.devices = devices;
        this.labels = new HashMap<>(labels);
        this.labels.put("kubernetes.io/hostname", name);
        this.labels.put("kubernetes.io/os", "linux");
        this.labels.put("kubernetes.io/arch", "amd64");
    }

    /** Creates the Node, or takes over the one there is; its labels of other parts are kept. */
    void register() {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withLabels(labels)
                            .endMetadata()
                            .withNewSpec()
                            .endSpec()
                            .build())
                    .create();
        } else {
            client.nodes()
                    .withName(name)
                    .patch(PATCH, Serialization.asJson(Map.of("metadata", Map.of("labels", labels))));
        }
        client.nodes()
                .withName(name)
                .subresource("status")
                .patch(PATCH, Serialization.asJson(Map.of("status", status())));
        renewLease();
    }

    private NodeStatus status() {
        return new NodeStatusBuilder()
                .withCapacity(with(DeviceManager.Count::capacity))
                .withAllocatable(with(DeviceManager.Count::allocatable))
                .withAddresses(new NodeAddress(address, "InternalIP"), new NodeAddress(name, "Hostname"))
                .withNodeInfo(new NodeSystemInfoBuilder()
                        .withArchitecture("amd64")
                        .withOperatingSystem("linux")
                        .withOsImage("stand-in")
                        .withKernelVersion(System.getProperty("os.version"))
                        .withContainerRuntimeVersion("standin://1")
                        .withKubeletVersion("v1.32.0")
                        .withKubeProxyVersion("")
                        .withBootID(bootId)
                        .withMachineID(bootId)
                        .withSystemUUID(bootId)
                        .build())
                .withConditions(
                        condition("MemoryPressure", false, "KubeletHasSufficientMemory"),
                        condition("DiskPressure", false, "KubeletHasNoDiskPressure"),
                        condition("PIDPressure", false, "KubeletHasSufficientPID"),
                        condition("Ready", true, "KubeletReady"))
                .build();
    }

    private Map<String, Quantity> with(ToLongFunction<DeviceManager.Count> counted) {
        Map<String, Quantity> all = new HashMap<>(allocatable);
        published.forEach(
                (resource, count) -> all.put(resource, new Quantity(Long.toString(counted.applyAsLong(count)))));
        return all;
    }

    private static NodeCondition condition(String type, boolean holds, String reason) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withReason(reason)
                .withMessage(type.equals("Ready") ? "kubelet is posting ready status" : "")
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }

    /** Says that the node lives, what devices it has by now, and that it is ready should somebody have said otherwise. */
    void heartbeat() {
        renewLease();
        Map<String, DeviceManager.Count> now = devices.get();
        boolean counted = now.equals(published);
        Node node = client.nodes().withName(name).get();
        boolean ready = node != null
                && node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
        if (node != null && !(ready && counted)) {
            published = now;
            client.nodes()
                    .withName(name)
                    .subresource("status")
                    .patch(PATCH, Serialization.asJson(Map.of("status", status())));
        }
    }

    private void renewLease() {
        var lease = client.leases().inNamespace(LEASES).withName(name);
        if (lease.get() == null) {
            client.resource(new LeaseBuilder()
                            .withNewMetadata()
                            .withNamespace(LEASES)
                            .withName(name)
                            .endMetadata()
                            .withNewSpec()
                            .withHolderIdentity(name)
                            .withLeaseDurationSeconds(40)
                            .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                            .endSpec()
                            .build())
                    .create();
        } else {
            lease.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    Serialization.asJson(
                            Map.of("spec", Map.of("renewTime", MICRO_TIME.format(ZonedDateTime.now(ZoneOffset.UTC))))));
        }
    }
}
