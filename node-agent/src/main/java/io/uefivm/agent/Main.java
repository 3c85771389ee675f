package io.uefivm.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.uefivm.agent.domain.Accelerator;
import io.uefivm.agent.host.HostProbe;
import io.uefivm.agent.host.HostReporter;
import io.uefivm.agent.hypervisor.Hypervisor;
import io.uefivm.agent.hypervisor.LibvirtHypervisor;
import io.uefivm.agent.kubelet.DevicePlugins;
import io.uefivm.agent.kubelet.PodDevices;
import io.uefivm.agent.kubelet.UnixSockets;
import io.uefivm.agent.pci.HandOvers;
import io.uefivm.agent.pci.HostDevices;
import io.uefivm.agent.pci.Quarantine;
import io.uefivm.agent.varstore.cli.NvramCommand;
import io.uefivm.agent.vm.LocalMachines;
import io.uefivm.agent.vm.Passthrough;
import io.uefivm.agent.volume.ClaimLookup;
import io.uefivm.agent.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts the node agent. */
@Command(
        name = "uefivm-node-agent",
        mixinStandardHelpOptions = true,
        description = "Runs the UEFI virtual machines of this host.",
        showDefaultValues = true)
public final class Main implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--node-name", defaultValue = "${env:NODE_NAME}", description = "The Node that this host is.")
    private @Nullable String nodeName;

    @Option(
            names = "--namespace",
            defaultValue = "${env:POD_NAMESPACE:-uefivm-system}",
            description = "The operator's namespace, where the Lease of this agent lives.")
    private String namespace = "";

    @Option(names = "--libvirt-uri", defaultValue = "qemu:///system", description = "The libvirt of this host.")
    private String libvirtUri = "";

    @Option(
            names = "--host-root",
            defaultValue = "/",
            description = "Where the host's root file system is seen; firmware is read below it.")
    private Path hostRoot = Path.of("/");

    @Option(
            names = "--state-dir",
            defaultValue = "/var/lib/uefivm",
            description = "The agent's own directory; libvirt has to see it at the same path.")
    private Path stateDir = Path.of("/var/lib/uefivm");

    @Option(names = "--kubelet-dir", defaultValue = "/var/lib/kubelet", description = "kubelet's root directory.")
    private Path kubeletDir = Path.of("/var/lib/kubelet");

    @Option(
            names = "--swtpm-dir",
            defaultValue = "/var/lib/libvirt/swtpm",
            description = "Where libvirt keeps TPM state.")
    private Path swtpmDir = Path.of("/var/lib/libvirt/swtpm");

    @Option(
            names = "--accelerator",
            defaultValue = "auto",
            description = "auto, kvm or tcg; auto tries KVM and falls back to emulation.")
    private String accelerator = "auto";

    @Option(names = "--bind", defaultValue = "0.0.0.0", description = "Address of /healthz, /readyz and /metrics.")
    private String bind = "";

    @Option(names = "--health-port", defaultValue = "8081", description = "Port of /healthz, /readyz and /metrics.")
    private int healthPort;

    @Override
    public Integer call() throws Exception {
        if (nodeName == null) {
            // Not required of picocli, which would ask for it when a subcommand is run, too.
            throw new ParameterException(spec.commandLine(), "Missing required option: '--node-name=<nodeName>'");
        }
        var options = new AgentOptions(
                nodeName, namespace, libvirtUri, hostRoot, stateDir, kubeletDir, swtpmDir, forced(accelerator));
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "stop"));
        try (KubernetesClient client = new KubernetesClientBuilder().build();
                var hypervisor = LibvirtHypervisor.connect(libvirtUri, hostRoot);
                var sockets = new UnixSockets()) {
            var devices = devices(hypervisor);
            var given = new PodDevices(kubeletDir, sockets);
            try (var plugins = DevicePlugins.start(kubeletDir, () -> devices.counted(given::given), sockets);
                    var runtime = start(client, hypervisor, options, devices, new Passthrough(devices, given))) {
                hypervisor.onEvent(event -> plugins.lookSoon());
                stopped.await();
            }
        }
        return 0;
    }

    /** Of the host, not of the agent's container: process 1 and the network interfaces are others there. */
    private HostDevices devices(Hypervisor hypervisor) {
        Path proc = hostRoot.resolve("proc");
        return new HostDevices(
                hostRoot.resolve("sys"),
                proc,
                new Quarantine(stateDir.resolve("quarantine"), proc),
                new HandOvers(stateDir.resolve("handed-over")),
                hypervisor);
    }

    private AgentRuntime start(
            KubernetesClient client,
            Hypervisor hypervisor,
            AgentOptions options,
            HostDevices devices,
            Passthrough passthrough)
            throws IOException {
        Clock clock = Clock.systemUTC();
        var reporter = new HostReporter(client, options.nodeName());
        var host = new HostProbe(hypervisor, options, reporter::conditions, devices::report, clock);
        var volumes = new PodVolumes(options.hostRoot(), options.kubeletDir(), ClaimLookup.of(client));
        var machines = new LocalMachines(options, hypervisor, host, volumes, passthrough, clock);
        return AgentRuntime.start(
                client, options, hypervisor, machines, host, host::acceleratorLabel, bind, healthPort);
    }

    private static Optional<Accelerator> forced(String name) {
        return "auto".equals(name) ? Optional.empty() : Optional.of(Accelerator.valueOf(name.toUpperCase(Locale.ROOT)));
    }

    public static void main(@Nullable String[] args) {
        System.exit(new CommandLine(new Main())
                .addSubcommand(NvramCommand.commandLine(Clock.systemUTC()))
                .execute(args));
    }
}
