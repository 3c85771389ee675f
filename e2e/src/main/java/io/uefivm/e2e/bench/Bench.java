package io.uefivm.e2e.bench;

import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Runs benchmarks and reports them. Exits with 0 whatever was measured: only what could not be measured is a failure. */
@Command(
        name = "bench.sh",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Measures the product on this machine; needs root for the real hosts.")
public final class Bench implements Callable<Integer> {
    private static final List<Benchmark> ALL = List.of(
            new StartOverhead(),
            new WritesPerStart(),
            new ControlPlaneScale(),
            new Footprint(),
            new Observe(),
            new Varstore(),
            new NvramAtRest());

    @Parameters(
            arity = "0..*",
            description =
                    "start-overhead, api-writes, control-plane, footprint, observe, varstore, nvram-at-rest; all if none is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--root", hidden = true, required = true)
    private Path root = Path.of(".");

    @Option(names = "--runs", defaultValue = "5", description = "How often starts and stops are repeated.")
    private int runs;

    @Option(names = "--idle", defaultValue = "PT2M", description = "How long idle writes are counted, ISO 8601.")
    private Duration idle = Duration.ZERO;

    @Option(names = "--vms", defaultValue = "100,1000", split = ",", description = "VMs at once of control-plane.")
    private List<Integer> vms = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Benchmark> chosen =
                names.isEmpty() ? ALL : names.stream().map(this::benchmark).toList();
        var progress = new Progress(System.err);
        var measurements = new ArrayList<Measurement>();
        // Short, because sockets' addresses are.
        Path work = Files.createTempDirectory("uvmb");
        try {
            var settings = new Settings(root.toAbsolutePath().normalize(), work, runs, idle, vms);
            for (Benchmark benchmark : chosen) {
                progress.say("== %s", benchmark.name());
                measurements.addAll(benchmark.run(settings, progress));
            }
        } finally {
            Directories.delete(work);
        }
        report(measurements);
        return 0;
    }

    private Benchmark benchmark(String name) {
        return ALL.stream()
                .filter(b -> b.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        new CommandLine(this),
                        name + " is no benchmark; there are "
                                + String.join(
                                        ", ", ALL.stream().map(Benchmark::name).toList())));
    }

    private void report(List<Measurement> measurements) throws IOException {
        String about = ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS) + ", " + Machine.describe();
        Path directory = Files.createDirectories(root.resolve("e2e/target/bench"));
        Path page = Files.writeString(directory.resolve("report.html"), Page.of(about, measurements));
        Files.writeString(directory.resolve("report.jsonl"), Table.json(measurements));
        System.out.println();
        System.out.println(about);
        System.out.print(Table.of(measurements));
        System.out.println();
        System.out.print(Table.json(measurements));
        System.err.println("Report: " + page);
    }

    public static void main(@Nullable String[] args) {
        // After Ctrl-C nothing of what was started may stay; after an orderly end nothing is left to kill.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly), "end"));
        System.exit(new CommandLine(new Bench()).execute(args));
    }
}
