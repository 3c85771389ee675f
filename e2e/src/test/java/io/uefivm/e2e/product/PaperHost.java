package io.uefivm.e2e.product;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.uefivm.agent.AgentOptions;
import io.uefivm.agent.AgentRuntime;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.hypervisor.HypervisorFacts;
import io.uefivm.agent.hypervisor.fake.FakeHypervisor;
import io.uefivm.agent.vm.PaperMachines;
import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.UefiHost;
import io.uefivm.api.v1alpha1.UefiHostStatus;
import io.uefivm.api.v1alpha1.Virtualization;
import io.uefivm.e2e.cluster.StandInKubelet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;

/**
 * A host that is not there, for what no machine of the tests is: the real agent says of it what it says of a real host,
 * but for one thing.
 */
final class PaperHost implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KubernetesClient client;
    private final String name;
    private final StandInKubelet kubelet;
    private final FakeHypervisor hypervisor;
    private final AgentRuntime agent;

    private PaperHost(Site site, String name, UefiHostStatus says) throws IOException {
        this.client = site.client();
        this.name = name;
        Virtualization able = Objects.requireNonNull(says.virtualization());
        hypervisor = new FakeHypervisor(
                new HypervisorFacts(able.libvirt(), able.qemu(), able.machineTypes()), InstantSource.system());
        kubelet = StandInKubelet.startOnPaper(client, StandInKubelet.Settings.of(name, "16", "64Gi"), site.volumes());
        Path nowhere = Path.of("/paper");
        var options = new AgentOptions(
                name,
                Programs.NAMESPACE,
                "paper:///",
                nowhere,
                nowhere,
                nowhere,
                nowhere,
                Optional.of(Accelerator.KVM));
        agent = AgentRuntime.start(
                client,
                options,
                hypervisor,
                new PaperMachines(hypervisor),
                () -> says,
                Accelerator.KVM::label,
                "127.0.0.1",
                0);
    }

    /** Like a real host, on a KVM without System Management Mode; returns when the operator takes it for Ready. */
    static PaperHost withoutSmm(Site site, String like, String name) throws IOException {
        UefiHostStatus real = host(site.client(), like).getStatus();
        Virtualization able = Objects.requireNonNull(real.virtualization());
        var says = new UefiHostStatus(
                real.agent(),
                new Virtualization(
                        able.libvirt(), able.qemu(), Accelerator.KVM.label(), false, able.vsock(), able.machineTypes()),
                real.firmware(),
                real.pciDevices(),
                real.conditions().stream()
                        .filter(c -> !ConditionType.Ready.name().equals(c.getType()))
                        .toList());
        var host = new PaperHost(site, name, says);
        try {
            Awaitility.await(name + " is Ready")
                    .atMost(PATIENCE)
                    .until(() ->
                            site.client().nodes().withLabel(Api.LABEL_NODE_READY, "true").list().getItems().stream()
                                    .anyMatch(node ->
                                            name.equals(node.getMetadata().getName())));
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
        return host;
    }

    private static UefiHost host(KubernetesClient client, String name) {
        return client.resources(UefiHost.class).withName(name).get();
    }

    String name() {
        return name;
    }

    /** The host is taken out of the cluster. */
    @Override
    public void close() {
        agent.close();
        hypervisor.close();
        kubelet.close();
        client.nodes().withName(name).delete();
        client.resources(UefiHost.class).withName(name).delete();
    }
}
