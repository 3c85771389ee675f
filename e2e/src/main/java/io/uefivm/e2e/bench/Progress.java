package io.uefivm.e2e.bench;

import java.io.PrintStream;
import java.time.Duration;

/** Says on standard error what is going on, each line with the seconds since the start. */
final class Progress {
    private final PrintStream out;
    private final long start = System.nanoTime();

    Progress(PrintStream out) {
        this.out = out;
    }

    void say(String format, Object... arguments) {
        double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
        out.printf("%7.1f s  %s%n", seconds, String.format(format, arguments));
    }
}
