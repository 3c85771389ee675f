package io.uefivm.e2e.bench;

import java.io.IOException;
import java.util.List;

/** One thing to measure. */
interface Benchmark {
    /** As on the command line. */
    String name();

    /** Measures, and leaves nothing behind but files below {@link Settings#work}. */
    List<Measurement> run(Settings settings, Progress progress) throws IOException, InterruptedException;
}
