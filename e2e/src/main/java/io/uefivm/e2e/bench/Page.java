package io.uefivm.e2e.bench;

import java.util.List;

/** The report as one HTML page that needs nothing but itself. */
final class Page {
    private static final String HEAD = """
            <!doctype html><html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width"><title>uefivm benchmarks</title><style>
            :root{color-scheme:light dark}
            body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;width:100%}td,th{padding:.25rem .6rem;border-bottom:1px solid #8884;text-align:left}
            .number{text-align:right;font-variant-numeric:tabular-nums}
            svg{width:100%;max-width:40rem;font-size:11px}svg text{fill:currentColor}
            .dot{fill:#2a78d6;fill-opacity:.6}.median{stroke:#d6582a;stroke-width:2}.curve{fill:none;stroke:#2a78d6;stroke-width:2}
            .axis{stroke:currentColor}.grid{stroke:#8886;stroke-dasharray:3}figure{margin:1rem 0}
            </style></head><body><h1>uefivm benchmarks</h1>
            """;

    private Page() {}

    /**
     * Writes the page.
     *
     * @param about when and on what it was measured
     */
    static String of(String about, List<Measurement> measurements) {
        var page = new StringBuilder(HEAD).append("<p>").append(escape(about)).append("</p>");
        List<String> benchmarks =
                measurements.stream().map(Measurement::benchmark).distinct().toList();
        for (String benchmark : benchmarks) {
            List<Measurement> own = measurements.stream()
                    .filter(m -> m.benchmark().equals(benchmark))
                    .toList();
            page.append("<h2>").append(escape(benchmark)).append("</h2>");
            page.append(table(own));
            own.stream()
                    .filter(m -> m.samples().size() > 1)
                    .forEach(m -> page.append("<figure><figcaption>")
                            .append(escape(m.what() + (m.unit().isEmpty() ? "" : ", " + m.unit())))
                            .append("</figcaption>")
                            .append(Plot.of(m))
                            .append("</figure>"));
        }
        return page.append("<p>Dots are samples, the line among them is the median. Curves show how many percent of the"
                        + " samples are at most so large.</p></body></html>\n")
                .toString();
    }

    private static String table(List<Measurement> measurements) {
        var table = new StringBuilder(
                "<table><tr><th>what<th class=number>median<th>unit<th class=number>min<th class=number>max"
                        + "<th class=number>samples<th class=number>aim</tr>");
        for (Measurement m : measurements) {
            table.append(("<tr><td>%s<td class=number>%s<td>%s<td class=number>%s<td class=number>%s"
                            + "<td class=number>%d<td class=number>%s</tr>")
                    .formatted(
                            escape(m.what()),
                            Table.number(m.median()),
                            escape(m.unit()),
                            Table.number(m.min()),
                            Table.number(m.max()),
                            m.samples().size(),
                            escape(m.aim())));
        }
        return table.append("</table>").toString();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
