package io.uefivm.e2e.bench;

import io.uefivm.e2e.controlplane.ApiWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Writes that operator and agent send for a start, a stop and while nothing happens, counted by a proxy before the API
 * server. An apply that changed nothing counts. Heartbeats (Leases and the report of the host) go on whatever a VM does:
 * they are counted while idle and left out of starts and stops.
 */
final class WritesPerStart implements Benchmark {
    private static final String VM = "uefivirtualmachines.uefivm.io";
    private static final Set<String> HEARTBEATS = Set.of("leases.coordination.k8s.io", "uefihosts.uefivm.io");
    /** What belongs to a start or stop but comes after its condition was seen, such as Events. */
    private static final Duration TAIL = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "api-writes";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws InterruptedException {
        var counts = new HashMap<String, List<Double>>();
        List<ApiWrite> idle;
        try (RealSite real = RealSite.start(settings, "aw", progress)) {
            String name = "writes";
            real.site().disk(Vms.NAMESPACE, name, real.image().signed());
            for (int run = 1; run <= settings.runs(); run++) {
                real.writes().reset();
                if (run == 1) {
                    real.vms().create(Vms.describe(name, name));
                } else {
                    real.vms().start(name);
                }
                real.vms().awaitReady(name);
                count(run == 1 ? "first start" : "start", real, counts, progress);
                if (run < settings.runs()) {
                    real.writes().reset();
                    real.vms().halt(name);
                    count("stop", real, counts, progress);
                }
            }
            real.vms().awaitBootEntries(name);
            TimeUnit.NANOSECONDS.sleep(TAIL.toNanos());
            progress.say("idle for %s with the VM running and booted", settings.idle());
            real.writes().reset();
            TimeUnit.NANOSECONDS.sleep(settings.idle().toNanos());
            idle = real.writes().writes().stream().filter(ApiWrite::accepted).toList();
            progress.say("idle: %s", real.writes().table());
            real.writes().reset();
            real.vms().halt(name);
            count("stop", real, counts, progress);
        }
        var all = new ArrayList<Measurement>();
        counts.forEach((what, samples) -> all.add(measurement(what, samples)));
        all.sort(Comparator.comparing(Measurement::what));
        double perHour = 3600.0 / settings.idle().toSeconds();
        String window = " per idle hour, from " + settings.idle().toSeconds() + " s";
        all.add(Measurement.of(name(), "writes on the VM" + window, "", perHour * onVm(idle))
                .aim("0"));
        all.add(Measurement.of(name(), "writes in all" + window + ", heartbeats too", "", perHour * idle.size()));
        return all;
    }

    private Measurement measurement(String what, List<Double> samples) {
        Measurement plain = Measurement.of(name(), what, "", samples);
        if (!what.startsWith("writes on the VM")) {
            return plain;
        }
        return plain.aim(what.endsWith("stop") ? "3" : "4");
    }

    private static void count(String what, RealSite real, Map<String, List<Double>> counts, Progress progress)
            throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(TAIL.toNanos());
        List<ApiWrite> writes = real.writes().writes().stream()
                .filter(w -> w.accepted() && !HEARTBEATS.contains(w.resource()))
                .toList();
        progress.say(
                "%s: %d on the VM, %d in all: %s",
                what, onVm(writes), writes.size(), real.writes().table());
        counts.computeIfAbsent("writes on the VM per " + what, w -> new ArrayList<>())
                .add((double) onVm(writes));
        counts.computeIfAbsent("writes in all per " + what, w -> new ArrayList<>())
                .add((double) writes.size());
    }

    private static long onVm(List<ApiWrite> writes) {
        return writes.stream().filter(w -> w.resource().equals(VM)).count();
    }
}
