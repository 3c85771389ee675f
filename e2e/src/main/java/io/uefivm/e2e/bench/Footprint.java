package io.uefivm.e2e.bench;

import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.product.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Memory of operator and agent, idle and with one real VM beside its QEMU and swtpm; what a VM adds to operator and agent,
 * from many on paper, where the agent is the real one in a process of its own; and bytes in the claim.
 */
final class Footprint implements Benchmark {
    private static final int PAPER_VMS = 100;
    private static final int KIB = 1024;

    @Override
    public String name() {
        return "footprint";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        var all = new ArrayList<Measurement>();
        try (RealSite real = RealSite.start(settings, "fp", progress)) {
            all.addAll(real(real, progress));
        }
        try (ControlPlane controlPlane = ControlPlane.start()) {
            controlPlane.applyCrds();
            try (PaperSite site = PaperSite.start(controlPlane, settings, "fpp")) {
                all.addAll(paper(site, controlPlane, progress));
            }
        }
        return all;
    }

    private List<Measurement> real(RealSite real, Progress progress) throws IOException, InterruptedException {
        var all = new ArrayList<Measurement>();
        all.addAll(memory("operator, idle", ProcessMemory.of(real.site().operator())));
        all.addAll(memory("agent, idle", ProcessMemory.of(real.host().agent())));
        String name = "footprint";
        real.site().disk(Vms.NAMESPACE, name, real.image().signed());
        real.vms().create(Vms.describe(name, name));
        UefiVirtualMachine vm = real.vms().awaitReady(name);
        progress.say("one VM runs");
        var status = Objects.requireNonNull(vm.getStatus());
        all.addAll(memory("operator, 1 VM", ProcessMemory.of(real.site().operator())));
        all.addAll(memory("agent, 1 VM", ProcessMemory.of(real.host().agent())));
        long qemu = Qemu.of(RealSite.domain(name)).orElseThrow();
        all.add(Measurement.of(
                name(), "QEMU of a 512 MiB guest, RSS at Ready", "MiB", ProcessMemory.statusMib(qemu, "VmRSS")));
        long swtpm = Qemu.swtpm(Objects.requireNonNull(status.identity()).uuid())
                .orElseThrow(() -> new IllegalStateException("the VM has no swtpm"));
        all.add(Measurement.of(name(), "swtpm, RSS", "MiB", ProcessMemory.statusMib(swtpm, "VmRSS")));
        String claim =
                Objects.requireNonNull(Objects.requireNonNull(status.nvram()).claimName());
        Path directory = real.site().directory(real.site().claim(Vms.NAMESPACE, claim));
        all.add(Measurement.of(name(), "claim of a running VM, blocks", "KiB", usedKib(directory)));
        real.vms().halt(name);
        all.add(Measurement.of(name(), "claim of a stopped VM, blocks", "KiB", usedKib(directory)));
        real.vms().delete(name);
        return all;
    }

    private List<Measurement> paper(PaperSite site, ControlPlane controlPlane, Progress progress)
            throws IOException, InterruptedException {
        String node = "paper";
        int port = freePort();
        Process agent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        // As the agent's own start script has it.
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xss512k",
                        "-Xmx96m",
                        "-Dlogback.configurationFile=io/uefivm/e2e/bench/logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PaperAgent.class.getName(),
                        controlPlane.kubeconfig().toString(),
                        node,
                        Programs.NAMESPACE,
                        Integer.toString(port))
                .inheritIO()
                .start();
        site.add(() -> agent.destroyForcibly().waitFor());
        site.addKubelet(node);
        site.awaitReady(1);
        ProcessMemory operatorBefore = ProcessMemory.of(site.operator());
        ProcessMemory agentBefore = ProcessMemory.of(agent.pid());
        var vms = new Vms(controlPlane.client());
        for (int i = 0; i < PAPER_VMS; i++) {
            vms.create(Vms.describe("vm-" + i, null));
        }
        Awaitility.await(PAPER_VMS + " VMs are Ready")
                .atMost(10, TimeUnit.MINUTES)
                .pollInterval(1, TimeUnit.SECONDS)
                .until(
                        () -> controlPlane
                                .client()
                                .resources(UefiVirtualMachine.class)
                                .inNamespace(Vms.NAMESPACE)
                                .list()
                                .getItems()
                                .stream()
                                .allMatch(Vms::isRunning));
        progress.say("%d VMs on paper run", PAPER_VMS);
        return Stream.of(
                        perVm("operator", operatorBefore, ProcessMemory.of(site.operator())),
                        perVm("agent", agentBefore, ProcessMemory.of(agent.pid())))
                .flatMap(List::stream)
                .toList();
    }

    private List<Measurement> memory(String of, ProcessMemory memory) {
        return List.of(
                Measurement.of(name(), of + ": RSS", "MiB", memory.rssMib()),
                Measurement.of(name(), of + ": live heap", "MiB", memory.liveHeapMib()));
    }

    private List<Measurement> perVm(String of, ProcessMemory before, ProcessMemory after) {
        String each = of + ", added per VM, of " + PAPER_VMS + " on one host on paper: ";
        return List.of(
                Measurement.of(
                        name(),
                        each + "live heap",
                        "KiB",
                        (after.liveHeapMib() - before.liveHeapMib()) * KIB / PAPER_VMS),
                Measurement.of(
                        name(),
                        each + "RSS, garbage too",
                        "KiB",
                        (after.rssMib() - before.rssMib()) * KIB / PAPER_VMS));
    }

    /** What the directory takes on disk, holes not counted. */
    private static double usedKib(Path directory) throws IOException {
        Process du = new ProcessBuilder("du", "-sk", directory.toString()).start();
        return Double.parseDouble(du.inputReader().readLine().split("\\s+")[0]);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
