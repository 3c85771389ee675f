package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.AgentRuntime;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.vm.PaperMachines;
import io.uefivm.api.v1alpha1.AgentInfo;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.Conditions;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The real agent over a hypervisor and machines on paper: all that it says to the API server, and nothing on a host. */
final class PaperAgent implements AutoCloseable {
    private final KubernetesClient client;
    private final FakeHypervisor hypervisor;
    private final AgentRuntime runtime;

    private PaperAgent(KubernetesClient client, FakeHypervisor hypervisor, AgentRuntime runtime) {
        this.client = client;
        this.hypervisor = hypervisor;
        this.runtime = runtime;
    }

    static PaperAgent start(Path kubeconfig, String node, String namespace, int healthPort) throws IOException {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
        var facts = new HypervisorFacts("9.0.0", "7.2.0", List.of(PaperMachines.MACHINE_TYPE));
        var hypervisor = new FakeHypervisor(facts, InstantSource.system());
        var options = new AgentOptions(
                node,
                namespace,
                "paper:///",
                Path.of("/paper"),
                Path.of("/paper"),
                Path.of("/paper"),
                Path.of("/paper"),
                Optional.of(Accelerator.TCG));
        UefiHostStatus host = host(facts);
        AgentRuntime runtime = AgentRuntime.start(
                client,
                options,
                hypervisor,
                new PaperMachines(hypervisor),
                () -> host,
                Accelerator.TCG::label,
                "127.0.0.1",
                healthPort);
        return new PaperAgent(client, hypervisor, runtime);
    }

    private static UefiHostStatus host(HypervisorFacts facts) {
        var conditions = Conditions.after(List.of(), null, Instant.now())
                .with(ConditionType.Virtualization, true, Reason.Running, "On paper")
                .with(ConditionType.FirmwareAvailable, true, Reason.FirmwareFound, "On paper");
        return new UefiHostStatus(
                new AgentInfo("paper"),
                new Virtualization(
                        facts.libvirtVersion(),
                        facts.qemuVersion(),
                        Accelerator.TCG.label(),
                        true,
                        false,
                        facts.machineTypes()),
                List.of(new FirmwareBuild(
                        "paper.json",
                        PaperMachines.FIRMWARE,
                        PaperMachines.CODE_DIGEST,
                        3_653_632L,
                        PaperMachines.VARS_DIGEST,
                        540_672L,
                        true,
                        true,
                        true,
                        List.of("pc-q35-*"))),
                List.of(),
                conditions.build());
    }

    @Override
    public void close() {
        runtime.close();
        hypervisor.close();
        client.close();
    }

    /** In a process of its own, so that its memory is its own: kubeconfig, node, namespace and health port. */
    public static void main(@Nullable String[] args) throws IOException, InterruptedException {
        if (args.length != 4 || args[0] == null || args[1] == null || args[2] == null || args[3] == null) {
            throw new IllegalArgumentException("kubeconfig, node, namespace and health port are needed");
        }
        try (PaperAgent agent = start(new File(args[0]).toPath(), args[1], args[2], Integer.parseInt(args[3]))) {
            new CountDownLatch(1).await();
        }
    }
}
