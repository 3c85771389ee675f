package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.cluster.OnAny;
import io.uefivm.e2e.controlplane.ControlPlane;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many VMs at once on a real API server: created by a few threads as fast as it takes them, until each is Ready. Kubelets
 * and hypervisors are on paper; operator and agents are the real ones, and so is every write. The same API server is first
 * asked how many plain writes a second it takes from the same machine.
 */
final class ControlPlaneScale implements Benchmark {
    private static final int WRITERS = 8;
    private static final int VMS_PER_NODE = 250;
    private static final Duration RAW = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    @Override
    public String name() {
        return "control-plane";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        var all = new ArrayList<Measurement>();
        for (int vms : settings.vms()) {
            progress.say("%d VMs: API server", vms);
            try (ControlPlane controlPlane = ControlPlane.kubeApiServer()) {
                controlPlane.applyCrds();
                double raw = rawWrites(controlPlane.client());
                progress.say("%d VMs: the API server takes %.0f plain writes/s", vms, raw);
                all.addAll(measure(controlPlane, settings, vms, raw, progress));
            }
        }
        return all;
    }

    /** Plain writes a second: creates of VMs that nobody looks at yet and patches of their status, one by one. */
    private static double rawWrites(KubernetesClient client) throws InterruptedException {
        var writes = new AtomicInteger();
        var names = new AtomicInteger();
        long end = System.nanoTime() + RAW.toNanos();
        long start = System.nanoTime();
        parallel(() -> {
            while (System.nanoTime() < end) {
                String name = "raw-" + names.incrementAndGet();
                client.resource(Vms.describe(name, null)).create();
                var vm = client.resources(UefiVirtualMachine.class)
                        .inNamespace(Vms.NAMESPACE)
                        .withName(name);
                vm.subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Pending\"}}");
                writes.addAndGet(2);
            }
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        client.resources(UefiVirtualMachine.class).inNamespace(Vms.NAMESPACE).delete();
        return writes.get() / seconds;
    }

    private List<Measurement> measure(
            ControlPlane controlPlane, Settings settings, int vms, double raw, Progress progress)
            throws IOException, InterruptedException {
        KubernetesClient client = controlPlane.client();
        int nodes = (vms + VMS_PER_NODE - 1) / VMS_PER_NODE;
        Map<String, Long> created = new ConcurrentHashMap<>();
        Map<String, Long> ready = new ConcurrentHashMap<>();
        try (PaperSite site = PaperSite.start(controlPlane, settings, "cp" + vms)) {
            for (int node = 0; node < nodes; node++) {
                site.addNode("paper-" + node);
            }
            site.awaitReady(nodes);
            ProcessMemory before = ProcessMemory.of(site.operator());
            ServerWrites writesBefore = ServerWrites.of(client);
            long start = System.nanoTime();
            try (var informer = client.resources(UefiVirtualMachine.class)
                    .inNamespace(Vms.NAMESPACE)
                    .inform(new OnAny<>(vm -> {
                        if (Vms.isRunning(vm)) {
                            ready.putIfAbsent(vm.getMetadata().getName(), System.nanoTime());
                        }
                    }))) {
                var number = new AtomicInteger();
                parallel(() -> {
                    for (int i = number.getAndIncrement(); i < vms; i = number.getAndIncrement()) {
                        String name = "vm-" + i;
                        created.put(name, System.nanoTime());
                        client.resource(Vms.describe(name, null)).create();
                    }
                });
                double creating = (System.nanoTime() - start) / 1e9;
                progress.say("%d VMs: created in %.1f s", vms, creating);
                awaitAll(ready, vms, start, site, progress);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            ServerWrites writes = ServerWrites.of(client).since(writesBefore);
            ProcessMemory after = ProcessMemory.of(site.operator());
            progress.say("%d VMs: all Ready after %.1f s; writes %s", vms, seconds, writes.byTarget());
            List<Double> latencies = created.entrySet().stream()
                    .map(e -> (Objects.requireNonNull(ready.get(e.getKey())) - e.getValue()) / 1e9)
                    .sorted()
                    .toList();
            return results(vms, nodes, latencies, seconds, writes, raw, before, after);
        }
    }

    private List<Measurement> results(
            int vms,
            int nodes,
            List<Double> latencies,
            double seconds,
            ServerWrites writes,
            double raw,
            ProcessMemory before,
            ProcessMemory after) {
        String of = vms + " VMs, " + nodes + (nodes == 1 ? " node: " : " nodes: ");
        Measurement each = Measurement.of(name(), of + "create to Ready of each", "s", latencies);
        double rate = writes.total() / seconds;
        return List.of(
                Measurement.of(name(), of + "first create to all Ready", "s", seconds),
                each,
                Measurement.of(name(), of + "create to Ready P95", "s", each.percentile(95)),
                Measurement.of(name(), of + "plain writes the API server takes", "1/s", raw),
                Measurement.of(name(), of + "writes by everybody until all Ready", "1/s", rate),
                Measurement.of(name(), of + "ratio of the two", "", rate / raw),
                Measurement.of(
                        name(), of + "writes on each VM, its create too", "", writes.of("uefivirtualmachines") / vms),
                Measurement.of(name(), of + "writes by everybody per VM", "", writes.total() / vms),
                Measurement.of(name(), of + "operator RSS before", "MiB", before.rssMib()),
                Measurement.of(name(), of + "operator RSS, peak", "MiB", after.peakRssMib()),
                Measurement.of(name(), of + "operator live heap before", "MiB", before.liveHeapMib()),
                Measurement.of(name(), of + "operator live heap after", "MiB", after.liveHeapMib()));
    }

    private static void awaitAll(Map<String, Long> ready, int vms, long start, PaperSite site, Progress progress)
            throws InterruptedException {
        long said = start;
        while (ready.size() < vms) {
            TimeUnit.MILLISECONDS.sleep(50);
            long now = System.nanoTime();
            if (now - said > Duration.ofSeconds(5).toNanos()) {
                progress.say("%d VMs: %d Ready", vms, ready.size());
                said = now;
            }
            if (now - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("only " + ready.size() + " of " + vms + " VMs are Ready after "
                        + PATIENCE + "\n" + site.operator().logEnd());
            }
        }
    }

    private static void parallel(Runnable task) throws InterruptedException {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        var tasks = new ArrayList<Future<?>>();
        for (int i = 0; i < WRITERS; i++) {
            tasks.add(writers.submit(task));
        }
        writers.shutdown();
        for (var each : tasks) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }
}
