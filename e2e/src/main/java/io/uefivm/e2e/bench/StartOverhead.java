package io.uefivm.e2e.bench;

import io.uefivm.e2e.bench.Milestones.Step;
import io.uefivm.e2e.lab.LibvirtHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * From {@code create} of the VM to QEMU's process, against {@code virsh create} of the very same XML with the very same
 * files, one right after the other. The agent is stopped (SIGSTOP) while virsh has its turn. virsh's time includes the start
 * of virsh itself, as a person would have it.
 */
final class StartOverhead implements Benchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Override
    public String name() {
        return "start-overhead";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        var samples = new ArrayList<Sample>();
        try (RealSite real = RealSite.start(settings, "so", progress)) {
            // The first start of a JVM's life, and the first QEMU, belong to nobody's median.
            for (int run = 0; run <= settings.runs(); run++) {
                Sample sample = sample(real, "start-" + run, settings.work());
                progress.say("%s: %s", run == 0 ? "warm-up" : "run " + run, sample);
                if (run > 0) {
                    samples.add(sample);
                }
            }
        }
        return List.of(
                measured(samples, "create of the VM to QEMU's process", "ms", Sample::product),
                measured(samples, "virsh create to QEMU's process, same XML", "ms", Sample::virsh),
                measured(samples, "ratio of the two, run by run", "", s -> s.product / s.virsh)
                        .aim("1.5"),
                measured(samples, "of it: create to epoch (operator)", "ms", Sample::epoch),
                measured(samples, "of it: epoch to pod (operator)", "ms", Sample::pod),
                measured(samples, "of it: pod to bound (stand-in binder, scheduler)", "ms", Sample::bound),
                measured(samples, "of it: bound to running (stand-in kubelet)", "ms", Sample::running),
                measured(samples, "of it: running to QEMU (agent, libvirt)", "ms", Sample::started),
                measured(samples, "our own: all but binder, scheduler, kubelet and virsh", "ms", Sample::own)
                        .aim("1000"),
                measured(samples, "create of the VM to Ready", "ms", Sample::ready));
    }

    private Measurement measured(List<Sample> samples, String what, String unit, ToDoubleFunction<Sample> value) {
        return Measurement.of(
                name(), what, unit, samples.stream().map(value::applyAsDouble).toList());
    }

    /** Milliseconds; the steps of the product's start make up {@code product}. */
    private record Sample(
            double product,
            double virsh,
            double epoch,
            double pod,
            double bound,
            double running,
            double started,
            double ready) {
        double own() {
            return product - bound - running - virsh;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.0f ms (epoch %.0f, pod %.0f, bound %.0f, running %.0f, QEMU %.0f),"
                            + " virsh create %.0f ms, Ready after %.0f ms",
                    product,
                    epoch,
                    pod,
                    bound,
                    running,
                    started,
                    virsh,
                    ready);
        }
    }

    private static Sample sample(RealSite real, String name, Path work) throws IOException, InterruptedException {
        real.site().disk(Vms.NAMESPACE, name, real.image().signed());
        String domain = RealSite.domain(name);
        try (var steps = new Milestones(real.site().client(), name)) {
            Qemu qemu = Qemu.expected(domain);
            long create = System.nanoTime();
            real.vms().create(Vms.describe(name, name));
            long qemuAt = qemu.await(PATIENCE);
            real.vms().awaitReady(name);
            long ready = System.nanoTime();
            return new Sample(
                    millis(create, qemuAt),
                    virshCreate(real, domain, work),
                    millis(create, steps.at(Step.EPOCH)),
                    millis(steps.at(Step.EPOCH), steps.at(Step.POD_CREATED)),
                    millis(steps.at(Step.POD_CREATED), steps.at(Step.POD_BOUND)),
                    millis(steps.at(Step.POD_BOUND), steps.at(Step.POD_RUNNING)),
                    millis(steps.at(Step.POD_RUNNING), qemuAt),
                    millis(create, ready));
        } finally {
            real.vms().delete(name);
        }
    }

    /** The time from the call of virsh to QEMU's process, ms. */
    private static double virshCreate(RealSite real, String domain, Path work)
            throws IOException, InterruptedException {
        LibvirtHost host = real.host().libvirt();
        Path xml = work.resolve(domain + ".xml");
        // Inactive: what the domain was made from, without what libvirt found out since.
        Files.writeString(xml, host.virsh("dumpxml", "--inactive", domain));
        long agent = ProcessMemory.java(real.host().agent().pid());
        signal("STOP", agent);
        try {
            host.virsh("destroy", domain);
            Qemu qemu = Qemu.expected(domain);
            long create = System.nanoTime();
            Process virsh = host.start("virsh", "--quiet", "--connect", "qemu:///system", "create", xml.toString());
            long running = qemu.await(PATIENCE);
            if (!virsh.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || virsh.exitValue() != 0) {
                throw new IOException("virsh create failed: "
                        + new String(virsh.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            host.virsh("destroy", domain);
            return millis(create, running);
        } finally {
            signal("CONT", agent);
        }
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor() != 0) {
            throw new IOException("no process " + pid);
        }
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }
}
