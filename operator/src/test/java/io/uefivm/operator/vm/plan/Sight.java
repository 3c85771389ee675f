package io.uefivm.operator.vm.plan;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.DomainStatus;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.FirmwareStatus;
import io.uefivm.api.v1alpha1.NvramStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.RolloutPart;
import io.uefivm.api.v1alpha1.UefiVirtualMachineSpec;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.operator.vm.model.ClaimView;
import io.uefivm.operator.vm.model.HostView;
import io.uefivm.operator.vm.model.Machine;
import io.uefivm.operator.vm.model.Observation;
import io.uefivm.operator.vm.model.PodView;
import io.uefivm.operator.vm.model.SpecDigests;
import io.uefivm.operator.vm.pod.EraserPod;
import io.uefivm.operator.vm.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A VM and its surroundings as a test plays them: plans are carried out here as the cluster would, so that a test reads as
 * what happened.
 */
final class Sight {
    static final String UID = "5f0e4b7c-0000-4000-8000-000000000001";
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final String DIGEST = "sha256:" + "ab".repeat(32);
    static final FirmwareBuild SECURE =
            new FirmwareBuild("60.json", "OVMF", DIGEST, 1L, DIGEST, 1L, true, true, true, List.of());
    static final FirmwareBuild PLAIN = new FirmwareBuild(
            "70.json", "OVMF plain", "sha256:" + "cd".repeat(32), 1L, DIGEST, 1L, false, false, false, List.of());

    Instant now = START;
    long generation = 1;
    String spec;
    UefiVirtualMachineStatus status = UefiVirtualMachineStatus.EMPTY;

    @Nullable
    DomainStatus domain;

    @Nullable
    NvramStatus nvram;

    @Nullable
    String machineType;

    @Nullable
    String codeDigest;

    @Nullable
    Long varsSize;

    Optional<RolloutPart> policy = Optional.empty();

    final List<PodView> pods = new ArrayList<>();
    final Map<String, ClaimView> claims = new HashMap<>();
    final List<HostView> hosts = new ArrayList<>(List.of(host("n1")));
    final List<Action> done = new ArrayList<>();

    Sight(String spec) {
        this.spec = spec;
    }

    static Sight strategy(String runStrategy) {
        return new Sight("{runStrategy: " + runStrategy + ", memory: {size: 1Gi}}");
    }

    static HostView host(String name) {
        return new HostView(
                name,
                true,
                Optional.empty(),
                "",
                true,
                false,
                List.of("pc-q35-7.2", "pc-q35-6.2"),
                List.of(SECURE, PLAIN));
    }

    static HostView silent(String name) {
        return new HostView(
                name, false, Optional.of(Reason.AgentUnavailable), "no heartbeat", true, false, List.of(), List.of());
    }

    Observation observe() {
        UefiVirtualMachineStatus whole = new UefiVirtualMachineStatus(
                status.observedGeneration(),
                status.phase(),
                status.nodeName(),
                status.epoch(),
                status.podName(),
                status.identity(),
                status.expandedDisks(),
                status.failures(),
                status.nextStartTime(),
                status.completed(),
                machineType,
                codeDigest == null ? null : new FirmwareStatus(null, codeDigest, null, varsSize, null, List.of(), null),
                nvram,
                domain,
                null,
                status.conditions());
        return new Observation(
                new Machine(
                        "ns",
                        "web",
                        UID,
                        generation,
                        Serialization.unmarshal("---\n" + spec, UefiVirtualMachineSpec.class),
                        whole,
                        policy),
                pods,
                claims,
                hosts);
    }

    /** Plans, applies the status and carries out the actions as an API server without kubelets does. */
    Plan reconcile() {
        Plan plan = Planner.plan(observe(), now);
        carryOut(plan);
        return plan;
    }

    Plan delete() {
        Plan plan = Deletion.plan(observe(), now);
        carryOut(plan);
        return plan;
    }

    private void carryOut(Plan plan) {
        status = plan.status().toStatus();
        done.addAll(plan.actions());
        for (Action action : plan.actions()) {
            if (action instanceof Action.CreatePod create) {
                pods.add(pod(create.epoch()));
            } else if (action instanceof Action.CreateClaim) {
                String name = "uefivm-nvram-" + UID;
                claims.put(name, new ClaimView(name, false, false, false, Optional.empty()));
            } else if (action instanceof Action.CreateEraser) {
                pods.add(eraser());
            } else if (action instanceof Action.DeletePod delete) {
                pods.replaceAll(pod -> pod.name().equals(delete.name()) ? deleting(pod) : pod);
                pods.removeIf(pod -> pod.deleting() && pod.ended().isPresent());
            }
        }
    }

    PodView pod(long epoch) {
        return fresh(
                PodName.of("web", epoch),
                "pod-" + epoch,
                epoch,
                generation,
                Optional.of(SpecDigests.of(observe().vm().spec())));
    }

    private static PodView eraser() {
        return fresh(EraserPod.name(UID), "eraser", 0, 0, Optional.empty());
    }

    private static PodView fresh(String name, String uid, long epoch, long generation, Optional<SpecDigests> spec) {
        return new PodView(
                name,
                uid,
                epoch,
                generation,
                spec,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    static PodView deleting(PodView pod) {
        return new PodView(
                pod.name(),
                pod.uid(),
                pod.epoch(),
                pod.generation(),
                pod.spec(),
                pod.nodeName(),
                true,
                pod.ended(),
                pod.unschedulable(),
                pod.trouble(),
                pod.refused());
    }

    /** kube-scheduler binds the newest pod. */
    Sight bind(String node) {
        pods.replaceAll(
                pod -> seen(pod, Optional.of(node), pod.ended(), Optional.empty(), pod.trouble(), pod.refused()));
        return this;
    }

    /** kube-scheduler finds no node. */
    Sight unschedulable(String why) {
        pods.replaceAll(
                pod -> seen(pod, Optional.empty(), pod.ended(), Optional.of(why), pod.trouble(), pod.refused()));
        return this;
    }

    /** kubelet says that the container is over. */
    Sight endPod(@Nullable String trouble) {
        pods.replaceAll(pod -> seen(
                pod, pod.nodeName(), Optional.of(now), Optional.empty(), Optional.ofNullable(trouble), pod.refused()));
        return this;
    }

    /** kubelet does not admit the pod. */
    Sight refuse(String why) {
        pods.replaceAll(pod -> seen(pod, pod.nodeName(), Optional.of(now), Optional.empty(), Optional.of(why), true));
        return this;
    }

    /** The pod after kube-scheduler or kubelet changed its status. */
    private static PodView seen(
            PodView pod,
            Optional<String> node,
            Optional<Instant> ended,
            Optional<String> unschedulable,
            Optional<String> trouble,
            boolean refused) {
        return new PodView(
                pod.name(),
                pod.uid(),
                pod.epoch(),
                pod.generation(),
                pod.spec(),
                node,
                pod.deleting(),
                ended,
                unschedulable,
                trouble,
                refused);
    }

    Sight podsGone() {
        pods.clear();
        return this;
    }

    Sight after(Duration time) {
        now = now.plus(time);
        return this;
    }

    /** The agent says that the domain runs. */
    Sight running() {
        nvram = new NvramStatus(
                "uefivm-nvram-" + UID, 1L, null, null, null, null, List.of(), null, null, List.of(), null);
        domain = new DomainStatus(
                status.epoch(),
                DomainState.Running,
                Reason.Running,
                null,
                "n1",
                "ns.web",
                "kvm",
                now.toString(),
                null,
                null);
        return this;
    }

    /** The agent says that the domain, which ran, is gone. */
    Sight stopped(Reason reason) {
        domain = new DomainStatus(
                status.epoch(),
                DomainState.Stopped,
                reason,
                null,
                "n1",
                "ns.web",
                "kvm",
                domain == null ? now.toString() : domain.startTime(),
                now.toString(),
                null);
        return this;
    }

    /** The agent says that the domain could not be started. */
    Sight failed(Reason reason) {
        domain = new DomainStatus(
                status.epoch(),
                DomainState.Failed,
                reason,
                "because of a test",
                "n1",
                null,
                null,
                null,
                now.toString(),
                null);
        return this;
    }

    /** From nothing to a running domain of a new epoch. */
    Sight run() {
        reconcile();
        bind("n1").reconcile();
        running().reconcile();
        return this;
    }

    Sight spec(String newSpec) {
        spec = newSpec;
        generation++;
        return this;
    }
}
