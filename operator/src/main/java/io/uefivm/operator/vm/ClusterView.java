package io.uefivm.operator.vm;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.HostPciDevice;
import io.uefivm.api.v1alpha1.PciDevice;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RomClaim;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.FirmwareRollout;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.pod.NvramClaim;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the operator sees of VMs and of all they depend on: informer caches, corrected by its own latest writes. */
final class ClusterView {
    private static final String BY_CLAIM = "claim";
    private static final String BY_NODE = "node";
    private static final String WAITING_FOR_HOST = "waiting-for-host";
    private static final Set<String> HOST_REASONS = Set.of(Reason.NoHosts.name(), Reason.NoSuitableHost.name());

    private final KubernetesClient client;
    private final Optional<FirmwareRollout> rollout;
    private final InformerEventSource<Pod, UefiVirtualMachine> pods;
    private final InformerEventSource<PersistentVolumeClaim, UefiVirtualMachine> claims;
    private final InformerEventSource<UefiHost, UefiVirtualMachine> hosts;

    ClusterView(EventSourceContext<UefiVirtualMachine> context, Optional<FirmwareRollout> rollout) {
        client = context.getClient();
        this.rollout = rollout;
        IndexerResourceCache<UefiVirtualMachine> vms = context.getPrimaryCache();
        vms.addIndexers(Map.of(
                BY_CLAIM,
                vm -> claimNames(vm)
                        .map(claim -> vm.getMetadata().getNamespace() + "/" + claim)
                        .toList(),
                BY_NODE,
                vm -> node(vm).stream().toList(),
                WAITING_FOR_HOST,
                vm -> waitsForHost(vm) ? List.of(WAITING_FOR_HOST) : List.of()));
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, UefiVirtualMachine.class)
                        .withLabelSelector(Api.LABEL_VM_UID)
                        .withItemStore(new TransformingItemStore<>(ClusterView::withoutManagedFields))
                        .withSecondaryToPrimaryMapper(ClusterView::vmOf)
                        .build(),
                context);
        claims = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(PersistentVolumeClaim.class, UefiVirtualMachine.class)
                        .withItemStore(new TransformingItemStore<>(ClusterView::withoutManagedFields))
                        .withOnUpdateFilter(
                                (claim, before) -> !ClaimView.of(claim).equals(ClaimView.of(before)))
                        .withPrimaryToSecondaryMapper(ClusterView::claimsOf)
                        .withSecondaryToPrimaryMapper(claim -> ids(vms.byIndex(
                                BY_CLAIM,
                                claim.getMetadata().getNamespace() + "/"
                                        + claim.getMetadata().getName())))
                        .build(),
                context);
        hosts = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(UefiHost.class, UefiVirtualMachine.class)
                        .withItemStore(new TransformingItemStore<>(ClusterView::withoutManagedFields))
                        .withOnUpdateFilter((host, before) -> !HostView.of(host).equals(HostView.of(before)))
                        .withPrimaryToSecondaryMapper((UefiVirtualMachine vm) ->
                                node(vm).map(ResourceID::new).stream().collect(Collectors.toSet()))
                        .withSecondaryToPrimaryMapper(host -> ids(Stream.concat(
                                        vms.byIndex(BY_NODE, host.getMetadata().getName()).stream(),
                                        vms.byIndex(WAITING_FOR_HOST, WAITING_FOR_HOST).stream())
                                .toList()))
                        .build(),
                context);
    }

    List<EventSource<?, UefiVirtualMachine>> sources() {
        return List.of(pods, claims, hosts);
    }

    Observation observe(UefiVirtualMachine vm) {
        Machine machine = machine(vm);
        List<PodView> podViews = podsOf(vm, machine).stream().map(PodView::of).toList();
        Map<String, ClaimView> claimViews = new HashMap<>();
        for (ResourceID id : claimsOf(vm)) {
            claims.get(id).map(ClaimView::of).ifPresent(claim -> claimViews.put(claim.name(), claim));
        }
        List<HostView> hostViews = hosts.list(host -> true).map(HostView::of).toList();
        return new Observation(machine, podViews, claimViews, hostViews);
    }

    /** Memory of the largest device of that kind that a host has, in bytes; empty if no host says that it has one. */
    OptionalLong deviceMemory(PciDevice wanted) {
        return hosts.list(host -> host.getStatus() != null)
                .flatMap(host -> host.getStatus().pciDevices().stream())
                .filter(wanted::covers)
                .mapToLong(HostPciDevice::memory)
                .max();
    }

    private List<Pod> podsOf(UefiVirtualMachine vm, Machine machine) {
        List<Pod> known = pods.getSecondaryResources(vm).stream()
                .filter(pod -> isOf(pod, machine.uid()))
                .toList();
        String expected = machine.status().podName();
        if (expected == null
                || known.stream().anyMatch(pod -> pod.getMetadata().getName().equals(expected))) {
            return known;
        }
        // From "the pod is gone" follows a new epoch elsewhere. A cache that lags must not be the one to say so.
        Pod pod = client.pods()
                .inNamespace(machine.namespace())
                .withName(expected)
                .get();
        return pod == null || !isOf(pod, machine.uid())
                ? known
                : Stream.concat(known.stream(), Stream.of(pod)).toList();
    }

    private static boolean isOf(Pod pod, String vmUid) {
        return vmUid.equals(pod.getMetadata().getLabels().get(Api.LABEL_VM_UID));
    }

    /** The operator made this pod; the informer will tell later. */
    void created(Pod pod) {
        pods.handleRecentResourceCreate(ResourceID.fromResource(pod), pod);
    }

    /** The operator made this claim; the informer will tell later. */
    void created(PersistentVolumeClaim claim) {
        claims.handleRecentResourceCreate(ResourceID.fromResource(claim), claim);
    }

    /** The operator deleted this pod, which goes on for a while; so it need not be deleted again meanwhile. */
    void deleting(ResourceID id, Instant now) {
        pods.get(id).ifPresent(pod -> {
            Pod marked = new PodBuilder(pod)
                    .editMetadata()
                    .withDeletionTimestamp(now.toString())
                    .endMetadata()
                    .build();
            pods.handleRecentResourceUpdate(id, marked, pod);
        });
    }

    Machine machine(UefiVirtualMachine vm) {
        ObjectMeta meta = vm.getMetadata();
        Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
        return new Machine(
                meta.getNamespace(),
                meta.getName(),
                meta.getUid(),
                meta.getGeneration(),
                vm.getSpec(),
                status(vm),
                rollout.map(policy -> policy.partOf(meta.getUid(), labels)));
    }

    static UefiVirtualMachineStatus status(UefiVirtualMachine vm) {
        return vm.getStatus() == null ? UefiVirtualMachineStatus.EMPTY : vm.getStatus();
    }

    private static Optional<String> node(UefiVirtualMachine vm) {
        return Optional.ofNullable(status(vm).nodeName());
    }

    private static boolean waitsForHost(UefiVirtualMachine vm) {
        return status(vm)
                .condition(ConditionType.Ready)
                .map(Condition::getReason)
                .filter(HOST_REASONS::contains)
                .isPresent();
    }

    private static Stream<String> claimNames(UefiVirtualMachine vm) {
        String shared = vm.getSpec().nvram().sharedClaim();
        return Stream.of(
                        Stream.of(
                                shared == null
                                        ? NvramClaim.name(vm.getMetadata().getUid())
                                        : shared),
                        vm.getSpec().disks().stream().flatMap(disk -> disk.claimName().stream()),
                        vm.getSpec().devices().stream()
                                .flatMap(device -> device.romClaim().stream())
                                .map(RomClaim::claimName))
                .flatMap(names -> names);
    }

    private static Set<ResourceID> claimsOf(UefiVirtualMachine vm) {
        return claimNames(vm)
                .map(name -> new ResourceID(name, vm.getMetadata().getNamespace()))
                .collect(Collectors.toSet());
    }

    private static Set<ResourceID> vmOf(Pod pod) {
        String name = pod.getMetadata().getAnnotations().get(Api.ANNOTATION_VM_NAME);
        return name == null
                ? Set.of()
                : Set.of(new ResourceID(name, pod.getMetadata().getNamespace()));
    }

    private static Set<ResourceID> ids(List<UefiVirtualMachine> vms) {
        return vms.stream().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    private static <T extends HasMetadata> T withoutManagedFields(T object) {
        object.getMetadata().setManagedFields(null);
        return object;
    }
}
