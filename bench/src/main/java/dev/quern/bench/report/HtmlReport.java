package dev.quern.bench.report;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.result.Environment;
import dev.quern.bench.suite.Row;
import dev.quern.graph.report.Markup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** One HTML page with everything in it: no other file, no network, no script. */
public final class HtmlReport {
    private static final String STYLE = "report.css";
    /** Up to so many cases of a suite, all its variants are shown at once. */
    private static final int FEW_CASES = 6;

    private final Environment environment;
    private final Ceilings ceilings;
    private final List<Row> rows;
    private final List<String> notes;
    private final Legend legend;

    private HtmlReport(Environment environment, Ceilings ceilings, List<Row> rows, List<String> notes) {
        this.environment = environment;
        this.ceilings = ceilings;
        this.rows = rows;
        this.notes = notes;
        TreeSet<String> peers = new TreeSet<>();
        rows.forEach(row -> peers.addAll(row.peers().keySet()));
        this.legend = new Legend(new ArrayList<>(peers));
    }

    /**
     * The page.
     *
     * @param notes what was told besides rows
     */
    public static String page(Environment environment, Ceilings ceilings, List<Row> rows, List<String> notes) {
        return new HtmlReport(environment, ceilings, rows, notes).page().toString();
    }

    private Markup page() {
        Markup html = new Markup().add("<!DOCTYPE html>").add("<html lang=\"en\">").add("<head>").add("<meta charset=\"utf-8\"/>")
                .add("<meta name=\"viewport\" content=\"width=device-width\"/>").add("<title>Quern benchmarks</title>")
                .add("<style>").add(style().replace("%", "%%")).add("</style>").add("</head>").add("<body>")
                .add("<header><h1>Quern benchmarks</h1><p>%s · %s · commit %s</p></header>", fact("device"), fact("date"),
                        fact("commit"))
                .add("<main>");
        summary(html);
        Map<String, List<CaseResult>> suites = new LinkedHashMap<>();
        CaseResult.of(rows).forEach(one -> suites.computeIfAbsent(one.suite(), _ -> new ArrayList<>()).add(one));
        suites.forEach((name, cases) -> suite(html, name, cases));
        environment(html);
        return html.add("</main>").add("</body>").add("</html>");
    }

    private String fact(String name) {
        return environment.facts().getOrDefault(name, "unknown");
    }

    private static String style() {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(STYLE)) {
            if (stream == null) {
                throw new IllegalStateException(STYLE + " is missing beside " + HtmlReport.class.getName());
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void summary(Markup html) {
        html.add("<section><h2>Summary</h2>");
        html.add("<div class=\"tiles\">");
        tile(html, number("%.1f", ceilings.copy() * 1e-9), "GB/s copied", ceilings.copyBy());
        tile(html, number("%.1f", ceilings.read() * 1e-9), "GB/s read", ceilings.readBy());
        tile(html, number("%.0f", ceilings.flops() * 1e-9), "GFLOP/s in registers", ceilings.flopsBy());
        html.add("</div>");
        html.add("<p class=\"small\">Geometric means over the cases of the variant that selection chooses. Times as fast as a peer: above 1, "
                + "Quern is the faster one.</p>");
        html.add("<table><thead><tr><th>suite</th><th>pass</th><th class=\"n\">cases</th><th class=\"n\">of the ceiling</th>");
        legend.peers().forEach(peer -> html.add("<th class=\"n\">× %s</th><th class=\"n\">least</th>", peer));
        html.add("</tr></thead><tbody>");
        for (Summary summary : Summary.of(rows)) {
            html.add("<tr><td><a href=\"#%s\">%s</a></td><td>%s</td><td class=\"n\">%d</td><td class=\"n\">%s</td>", summary.suite(),
                    summary.suite(), summary.pass(), summary.cases(),
                    summary.share().isPresent() ? number("%.0f %%", 100 * summary.share().getAsDouble()) : "–");
            for (String peer : legend.peers()) {
                Summary.Against against = summary.peers().get(peer);
                html.add("<td class=\"n %s\">%s</td><td class=\"n\">%s</td>", against == null ? "" : against.mean() >= 1 ? "good" : "bad",
                        against == null ? "–" : number("%.2f", against.mean()), against == null ? "–" : number("%.2f", against.least()));
            }
            html.add("</tr>");
        }
        html.add("</tbody></table></section>");
    }

    private static void tile(Markup html, String value, String what, String how) {
        html.add("<div class=\"tile\"><b>%s</b> %s<br/><span class=\"small\">%s</span></div>", value, what, how);
    }

    private void suite(Markup html, String name, List<CaseResult> cases) {
        html.add("<section id=\"%s\"><h2>%s</h2>", name, name).add(legend.markup());
        new BarChart(legend).draw(cases).ifPresent(chart -> html.add("<figure>").add(chart).add("<figcaption>Share of the ceiling that "
                + "binds each case, by medians.</figcaption></figure>"));
        new RooflineChart(legend, ceilings).draw(cases).ifPresent(chart -> html.add("<figure>").add(chart)
                .add("<figcaption>Roofline: operations and bytes of the definition, each operand moved once.</figcaption></figure>"));
        html.add(cases.size() <= FEW_CASES ? "<details open=\"open\">" : "<details>").add("<summary>All variants</summary>");
        html.add("<table><thead><tr><th>case</th><th>pass</th><th>variant</th><th class=\"n\">median ms</th><th class=\"n\">±</th>"
                + "<th class=\"n\">min</th><th class=\"n\">10 %%</th><th class=\"n\">90 %%</th><th class=\"n\">runs</th>"
                + "<th class=\"n\">GFLOP/s</th><th class=\"n\">GB/s</th><th class=\"n\">of ceiling</th><th class=\"n\">error</th>");
        legend.peers().forEach(peer -> html.add("<th class=\"n\">× %s</th>", peer));
        html.add("</tr></thead><tbody>");
        cases.forEach(one -> one.rows().forEach(row -> row(html, row, row == one.rows().getFirst())));
        html.add("</tbody></table></details></section>");
    }

    private void row(Markup html, Row row, boolean first) {
        html.add("<tr class=\"%s %s\"><td>%s</td><td>%s</td><td>%s</td>", row.best() ? "chosen" : "", first ? "first" : "",
                first ? row.name() : "", first ? row.pass() : "", row.variant() + (row.best() ? " *" : ""));
        if (row.timing().isPresent()) {
            Timing timing = row.timing().get();
            for (String cell : List.of(BarChart.millis(timing.median()), percent(timing.interval().relativeHalfWidth()),
                    BarChart.millis(timing.min()), BarChart.millis(timing.low()), BarChart.millis(timing.high()),
                    String.valueOf(timing.runs()), number("%.1f", row.gflops()),
                    row.bytes() > 0 ? number("%.1f", row.gigabytes()) : "–",
                    row.share().isPresent() ? number("%.0f %% ", 100 * row.share().getAsDouble())
                            + row.roof().orElseThrow().bound().name().toLowerCase(Locale.ROOT) : "–",
                    number("%.1e", row.error()))) {
                html.add("<td class=\"n\">%s</td>", cell);
            }
            for (String peer : legend.peers()) {
                html.add("<td class=\"n\">%s</td>", row.speedup(peer).isPresent() ? number("%.2f", row.speedup(peer).getAsDouble()) : "–");
            }
        } else {
            html.add("<td colspan=\"%d\">not timed: wrong result or not runnable (error %s)</td>", 10 + legend.peers().size(),
                    number("%.1e", row.error()));
        }
        html.add("</tr>");
    }

    private void environment(Markup html) {
        html.add("<section><h2>Environment</h2><table><tbody>");
        environment.facts().forEach((name, fact) -> html.add("<tr><th>%s</th><td>%s</td></tr>", name, fact));
        html.add("</tbody></table>");
        if (!notes.isEmpty()) {
            html.add("<h3>Notes</h3><ul>");
            notes.forEach(note -> html.add("<li>%s</li>", note));
            html.add("</ul>");
        }
        html.add("</section>");
    }

    private static String percent(double share) {
        return number(share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
