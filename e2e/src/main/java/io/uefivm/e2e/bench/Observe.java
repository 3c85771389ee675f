package io.uefivm.e2e.bench;

import io.uefivm.agent.vm.WatchedStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * What it costs the agent to watch the stores of many running VMs: processor time and wakeups of its threads for this,
 * while no guest writes and for one change of a variable in each store.
 */
final class Observe implements Benchmark {
    private static final int STORES = 200;
    private static final double HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final double MILLI_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    @Override
    public String name() {
        return "observe";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        Set<String> before = threads();
        try (var stores =
                WatchedStores.start(Files.createDirectories(settings.work().resolve("observe")), STORES)) {
            Set<String> ours = new HashSet<>(threads());
            ours.removeAll(before);
            progress.say("%d stores are watched by %d threads", STORES, ours.size());
            Cost start = Cost.of(ours);
            long began = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(settings.idle().toNanos());
            Cost idle = Cost.of(ours).since(start);
            double idleHours = (System.nanoTime() - began) / HOUR_NANOS;

            Cost busy = Cost.of(ours);
            stores.changeEach();
            Awaitility.await("each store is looked at")
                    .atMost(5, TimeUnit.MINUTES)
                    .until(() -> stores.looks() >= STORES);
            Cost changes = Cost.of(ours).since(busy);
            String many = STORES + " running stores";
            return List.of(
                    Measurement.of(name(), many + ", idle: processor time in an hour", "ms", idle.millis() / idleHours)
                            .aim("0"),
                    Measurement.of(name(), many + ", idle: wakeups in an hour", "", idle.wakeups() / idleHours)
                            .aim("0"),
                    Measurement.of(name(), "a change of a variable: processor time", "ms", changes.millis() / STORES),
                    Measurement.of(name(), "a change of a variable: looks", "", (double) stores.looks() / STORES));
        }
    }

    private static Set<String> threads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            var names = new HashSet<String>();
            for (Path task : tasks.toList()) {
                names.add(task.toString());
            }
            return names;
        }
    }

    /**
     * What threads have used so far.
     *
     * @param millis processor time
     * @param wakeups times that they had waited and ran again
     */
    private record Cost(double millis, double wakeups) {
        static Cost of(Set<String> threads) throws IOException {
            double nanos = 0;
            double switches = 0;
            for (Path task : existing(threads)) {
                nanos += Double.parseDouble(
                        Files.readString(task.resolve("schedstat")).split(" ")[0]);
                switches += Files.readAllLines(task.resolve("status")).stream()
                        .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                        .sum();
            }
            return new Cost(nanos / MILLI_NANOS, switches);
        }

        private static List<Path> existing(Set<String> threads) {
            var tasks = new ArrayList<Path>();
            for (String thread : threads) {
                Path task = Path.of(thread);
                if (Files.exists(task)) {
                    tasks.add(task);
                }
            }
            return tasks;
        }

        Cost since(Cost earlier) {
            return new Cost(millis - earlier.millis, wakeups - earlier.wakeups);
        }
    }
}
