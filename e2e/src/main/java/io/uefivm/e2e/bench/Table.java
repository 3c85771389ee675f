package io.uefivm.e2e.bench;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** Measurements as text: a table for people, JSON lines for programs. */
final class Table {
    private static final String ROW = "%-15s %-66s %12s %5s %12s %12s %4s %6s%n";

    private Table() {}

    static String of(List<Measurement> measurements) {
        var text = new StringBuilder(ROW.formatted("benchmark", "what", "median", "unit", "min", "max", "n", "aim"));
        for (Measurement m : measurements) {
            text.append(ROW.formatted(
                    m.benchmark(),
                    m.what(),
                    number(m.median()),
                    m.unit(),
                    number(m.min()),
                    number(m.max()),
                    m.samples().size(),
                    m.aim()));
        }
        return text.toString();
    }

    /** One object a line, raw samples included. */
    static String json(List<Measurement> measurements) {
        var text = new StringBuilder();
        for (Measurement m : measurements) {
            var line = new LinkedHashMap<String, Object>();
            line.put("benchmark", m.benchmark());
            line.put("what", m.what());
            line.put("unit", m.unit());
            line.put("median", rounded(m.median()));
            line.put("p95", rounded(m.percentile(95)));
            line.put("samples", m.samples().stream().map(Table::rounded).toList());
            text.append(Serialization.asJson(line).replaceAll("\\s*\\n\\s*", ""))
                    .append('\n');
        }
        return text.toString();
    }

    /** Two decimals below ten, one above. */
    static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
