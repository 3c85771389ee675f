package io.uefivm.e2e.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Samples of one measurement as an SVG image: a dot each, and the median as a line; many become a cumulative curve. */
final class Plot {
    private static final int WIDTH = 640;
    private static final int MARGIN = 40;
    private static final int CURVE_FROM = 40;

    private Plot() {}

    static String of(Measurement measurement) {
        return measurement.samples().size() < CURVE_FROM ? strip(measurement) : curve(measurement);
    }

    private static String strip(Measurement m) {
        var svg = new StringBuilder(open(64, m.what()));
        double max = top(m);
        svg.append(axis(40, max));
        for (double sample : m.samples()) {
            svg.append("<circle class='dot' cx='%s' cy='24' r='5'/>".formatted(at(x(sample, max))));
        }
        svg.append("<line class='median' x1='%1$s' y1='10' x2='%1$s' y2='38'/>".formatted(at(x(m.median(), max))));
        return svg.append("</svg>").toString();
    }

    /** How many percent of the samples are at most so large. */
    private static String curve(Measurement m) {
        int height = 200;
        double max = top(m);
        List<Double> sorted = m.samples().stream().sorted().toList();
        var svg = new StringBuilder(open(height + 24, m.what()));
        svg.append(axis(height, max));
        var points = new StringBuilder(at(MARGIN) + "," + height);
        IntStream.range(0, sorted.size())
                .forEach(i -> points.append(' ')
                        .append(at(x(sorted.get(i), max)))
                        .append(',')
                        .append(at(height - (i + 1.0) / sorted.size() * (height - 10))));
        svg.append("<polyline class='curve' points='").append(points).append("'/>");
        for (int percent : new int[] {50, 95}) {
            double y = height - percent / 100.0 * (height - 10);
            svg.append("<line class='grid' x1='%d' y1='%s' x2='%d' y2='%s'/>"
                    .formatted(MARGIN, at(y), WIDTH - MARGIN, at(y)));
            svg.append("<text x='0' y='%s'>P%d</text>".formatted(at(y + 4), percent));
        }
        return svg.append("</svg>").toString();
    }

    private static String open(int height, String title) {
        return "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'>".formatted(WIDTH, height, Page.escape(title));
    }

    private static String axis(int y, double max) {
        var axis = new StringBuilder(
                "<line class='axis' x1='%d' y1='%d' x2='%d' y2='%d'/>".formatted(MARGIN, y, WIDTH - MARGIN, y));
        for (int tick = 0; tick <= 4; tick++) {
            double value = max * tick / 4;
            axis.append("<text text-anchor='middle' x='%s' y='%d'>%s</text>"
                    .formatted(at(x(value, max)), y + 18, Table.number(value)));
        }
        return axis.toString();
    }

    /** Axes begin at 0, so that lengths compare. */
    private static double top(Measurement m) {
        return m.max() <= 0 ? 1 : m.max() * 1.05;
    }

    private static double x(double value, double max) {
        return MARGIN + Math.max(0, value) / max * (WIDTH - 2 * MARGIN);
    }

    private static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }
}
