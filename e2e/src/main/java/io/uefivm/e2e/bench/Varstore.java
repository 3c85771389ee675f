package io.uefivm.e2e.bench;

import io.uefivm.e2e.lab.Cache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The variable store library with JMH, and virt-fw-vars with the same file: within its process, as a library, and both as
 * commands with all that it takes to start them.
 */
final class Varstore implements Benchmark {
    private static final int IN_PYTHON = 30;
    /** Each line of its output is the milliseconds of one round. */
    private static final String PYTHON = """
            import sys, time, logging
            logging.disable(logging.CRITICAL)
            from virt.firmware.varstore import edk2
            for i in range(int(sys.argv[2])):
                start = time.perf_counter()
                store = edk2.Edk2VarStore(sys.argv[1])
                variables = store.get_varlist()
                variables['Filler0'].data = bytes([1])
                store.bytes_varstore(variables)
                print((time.perf_counter() - start) * 1000)
            """;

    @Override
    public String name() {
        return "varstore";
    }

    @Override
    public List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException {
        Path file = Files.write(settings.work().resolve("full.fd"), VarstoreOperations.fullStore());
        List<Measurement> all = new ArrayList<>(jmh(progress));
        progress.say("virt-fw-vars");
        Path script = Files.writeString(settings.work().resolve("rounds.py"), PYTHON);
        all.add(Measurement.of(
                name(),
                "virt-fw-vars as a library: parse, edit and write",
                "ms",
                numbers(python(script.toString(), file.toString(), Integer.toString(IN_PYTHON)))));
        all.add(Measurement.of(
                name(),
                "virt-fw-vars -d, the command",
                "ms",
                timed(
                        settings.runs(),
                        python(
                                "-m",
                                "virt.firmware.vars",
                                "-i",
                                file.toString(),
                                "-d",
                                "Filler1",
                                "-o",
                                file + ".other"))));
        all.add(Measurement.of(
                name(),
                "nvram delete, the command",
                "ms",
                timed(
                        settings.runs(),
                        new ProcessBuilder(
                                settings.root()
                                        .resolve("node-agent/target/layout/start")
                                        .toString(),
                                "nvram",
                                "delete",
                                file.toString(),
                                "Filler1",
                                "-o",
                                file + ".ours"))));
        return all;
    }

    private List<Measurement> jmh(Progress progress) {
        progress.say("JMH, a minute");
        try {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include(VarstoreOperations.class.getName())
                            .forks(1)
                            .warmupIterations(3)
                            .warmupTime(TimeValue.seconds(2))
                            .measurementIterations(5)
                            .measurementTime(TimeValue.seconds(2))
                            .verbosity(org.openjdk.jmh.runner.options.VerboseMode.SILENT)
                            .build())
                    .run();
            return results.stream().map(this::measurement).toList();
        } catch (RunnerException e) {
            throw new IllegalStateException("JMH cannot run", e);
        }
    }

    private Measurement measurement(RunResult result) {
        return Measurement.of(
                name(),
                result.getPrimaryResult().getLabel() + " of a full 4M store",
                "us",
                result.getAggregatedResult().getIterationResults().stream()
                        .map(iteration -> iteration.getPrimaryResult().getScore())
                        .toList());
    }

    private static ProcessBuilder python(String... arguments) {
        Path home = Cache.debian13("virt-firmware/usr/lib/python3/dist-packages");
        var builder = new ProcessBuilder(Stream.concat(Stream.of("/usr/bin/python3"), Arrays.stream(arguments))
                .toList());
        builder.environment().put("PYTHONPATH", home.toString());
        return builder;
    }

    private static List<Double> numbers(ProcessBuilder builder) throws IOException, InterruptedException {
        return run(builder).lines().map(Double::valueOf).toList();
    }

    private static List<Double> timed(int runs, ProcessBuilder builder) throws IOException, InterruptedException {
        List<Double> milliseconds = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            run(builder);
            milliseconds.add((System.nanoTime() - start) / 1e6);
        }
        return milliseconds;
    }

    private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(builder.command() + " failed: " + output);
        }
        return output;
    }
}
