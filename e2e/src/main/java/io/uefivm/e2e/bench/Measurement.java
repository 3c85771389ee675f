package io.uefivm.e2e.bench;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What was measured, several times where that makes sense.
 *
 * @param benchmark the benchmark that measured it
 * @param what for people
 * @param unit such as {@code ms}, {@code MiB}; empty for a ratio or a count
 * @param samples raw, in the order in which they were taken; never empty
 * @param aim the number it should stay under or at; empty when there is none
 */
record Measurement(String benchmark, String what, String unit, List<Double> samples, String aim) {
    Measurement {
        samples = List.copyOf(samples);
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured of " + benchmark + ": " + what);
        }
    }

    static Measurement of(String benchmark, String what, String unit, List<Double> samples) {
        return new Measurement(benchmark, what, unit, samples, "");
    }

    static Measurement of(String benchmark, String what, String unit, double sample) {
        return of(benchmark, what, unit, List.of(sample));
    }

    Measurement aim(String number) {
        return new Measurement(benchmark, what, unit, samples, number);
    }

    double median() {
        return percentile(50);
    }

    double min() {
        return sorted().findFirst().orElseThrow();
    }

    double max() {
        return samples.stream().mapToDouble(d -> d).max().orElseThrow();
    }

    /** Interpolated between the samples beside it. */
    double percentile(double percent) {
        double[] all = sorted().toArray();
        double at = percent / 100 * (all.length - 1);
        int below = (int) Math.floor(at);
        int above = (int) Math.ceil(at);
        return all[below] + (all[above] - all[below]) * (at - below);
    }

    private DoubleStream sorted() {
        return samples.stream().mapToDouble(d -> d).sorted();
    }
}
