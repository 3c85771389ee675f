package io.uefivm.e2e.quickstart;

import java.io.PrintStream;
import java.time.Duration;

/** What the user sees: lines with the seconds since the start, a topic and a text. */
final class Progress {
    private final PrintStream out;
    private final long start = System.nanoTime();

    Progress(PrintStream out) {
        this.out = out;
    }

    /** Seconds since the start, with three decimals. */
    double seconds() {
        return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    }

    void say(String topic, String text) {
        out.printf("%6.1f s  %-13s  %s%n", seconds(), topic, text.strip().replace("\n", "\n" + " ".repeat(25)));
    }

    /** Text that is not about one moment. */
    void print(String text) {
        out.println(text);
    }
}
