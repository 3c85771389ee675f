package io.uefivm.e2e.agent;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.AgentRuntime;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.DomainEnd;
import io.uefivm.agent.hypervisor.HypervisorException;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.vm.PaperMachines;
import io.uefivm.api.v1alpha1.AgentInfo;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.OnAny;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.controlplane.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A VM leaves the agent's selection, and is back while the agent is still busy with the epoch before. */
@ParameterizedClass
@MethodSource("io.uefivm.e2e.controlplane.ControlPlanes#all")
@SuppressWarnings("NullAway.Init")
class ComebackTest {
    private static final String NODE = "n1";
    private static final String NAMESPACE = "comeback";
    private static final String NAME = "back";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration SETTLED = Duration.ofSeconds(2);

    @Parameter
    ControlPlane controlPlane;

    private final CountDownLatch tidying = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final FakeHypervisor hypervisor = new FakeHypervisor(
            new HypervisorFacts("9.0.0", "7.2.0", List.of(PaperMachines.MACHINE_TYPE)), InstantSource.system());
    private KubernetesClient client;
    private String uid = "";

    @AfterEach
    void endHypervisor() {
        hypervisor.close();
    }

    @Test
    void itIsStartedInItsNextEpoch() throws Exception {
        client = controlPlane.client();
        controlPlane.applyCrds();
        Namespaces.create(client, NAMESPACE);
        uid = client.resource("""
                apiVersion: uefivm.io/v1alpha1
                kind: UefiVirtualMachine
                metadata: {name: %s, namespace: %s}
                spec: {memory: {size: 512Mi}}
                """.formatted(NAME, NAMESPACE))
                .create()
                .getMetadata()
                .getUid();
        var seen = new AtomicReference<Long>();
        try (AgentRuntime agent = agent();
                var watch = client.resources(UefiVirtualMachine.class)
                        .inNamespace(NAMESPACE)
                        .withField("status.nodeName", NODE)
                        .inform(new OnAny<>(vm -> seen.set(vm.getStatus().epoch())))) {
            place(1);
            startPod(1);
            await("epoch 1 runs").atMost(SOON).until(() -> runs(1));
            hypervisor.end(UUID.fromString(uid), DomainEnd.CRASHED);
            await("the agent has said so and tidies up").atMost(SOON).until(() -> tidying.getCount() == 0);

            say("{nodeName: null}");
            place(2);
            // What this sees, the agent sees at about the same time.
            await("epoch 2 is seen").pollDelay(SETTLED).atMost(SOON).until(() -> seen.get() == 2);
            released.countDown();
            startPod(2);
            await("epoch 2 runs").atMost(SOON).until(() -> runs(2));
        } finally {
            released.countDown();
        }
    }

    private boolean runs(long epoch) throws HypervisorException {
        return hypervisor
                .domain(UUID.fromString(uid))
                .filter(domain -> domain.owner().epoch() == epoch)
                .isPresent();
    }

    /** Its first tidying takes until it is released. */
    private AgentRuntime agent() throws IOException {
        var slow = new PaperMachines(hypervisor) {
            @Override
            public void release(String vmUid, Optional<Pod> pod) {
                if (tidying.getCount() > 0) {
                    tidying.countDown();
                    await("release").atMost(SOON.multipliedBy(2)).until(() -> released.getCount() == 0);
                }
                super.release(vmUid, pod);
            }
        };
        Path nowhere = Path.of("/paper");
        var options = new AgentOptions(
                NODE, NAMESPACE, "paper:///", nowhere, nowhere, nowhere, nowhere, Optional.of(Accelerator.TCG));
        var host = new UefiHostStatus(new AgentInfo("paper"), null, List.of(), List.of(), List.of());
        return AgentRuntime.start(
                client, options, hypervisor, slow, () -> host, Accelerator.TCG::label, "127.0.0.1", 0);
    }

    /** As the operator. */
    private void place(long epoch) {
        say("{nodeName: %s, epoch: %d, podName: %s-%d, identity: {uuid: %s}}".formatted(NODE, epoch, NAME, epoch, uid));
    }

    private void say(String status) {
        client.resources(UefiVirtualMachine.class)
                .inNamespace(NAMESPACE)
                .withName(NAME)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\nstatus: " + status);
    }

    /** As operator and kubelet. */
    private void startPod(long epoch) {
        var pod = (Pod) client.resource("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %1$s-%2$d
                  namespace: %3$s
                  labels: {uefivm.io/vm-uid: %4$s}
                  annotations: {uefivm.io/vm-name: %1$s, uefivm.io/epoch: "%2$d"}
                spec: {nodeName: %5$s, containers: [{name: hold, image: none}]}
                """.formatted(NAME, epoch, NAMESPACE, uid, NODE))
                .create();
        client.resource(pod)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\nstatus: {phase: Running}");
    }
}
