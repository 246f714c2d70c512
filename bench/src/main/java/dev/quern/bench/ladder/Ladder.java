package dev.quern.bench.ladder;

import dev.quern.bench.suite.Row;
import dev.quern.examples.command.Table;
import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Variant;
import dev.quern.kernels.select.Families;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The rungs of a family on one problem, lowest first. */
public final class Ladder {
    private static final int TEXT_WIDTH = 110;

    private final String title;
    private final List<Rung> rungs = new ArrayList<>();

    /**
     * A ladder.
     *
     * @param family the family's name
     * @param order  the names of its variants, lowest rung first
     * @param rows   what was measured, all of one case
     */
    public Ladder(String family, List<String> order, List<Row> rows) {
        this.title = family + " " + rows.getFirst().name() + " on " + rows.getFirst().device();
        Map<String, String> summaries = summaries(family);
        for (String variant : order) {
            rows.stream().filter(row -> row.variant().equals(variant))
                    .forEach(row -> rungs.add(new Rung(row, summaries.getOrDefault(variant, ""))));
        }
    }

    private static Map<String, String> summaries(String family) {
        Map<String, String> summaries = new HashMap<>();
        for (KernelFamily<?> one : Families.load().all()) {
            if (one.name().equals(family)) {
                one.variants().forEach((Variant<?> variant) -> summaries.put(variant.name(), variant.summary()));
            }
        }
        return summaries;
    }

    /** Prints the table, and below it why each rung is faster than the one before. */
    public void print(PrintWriter out) {
        out.println();
        out.println(title + " (* is what variant selection chooses)");
        Table table = new Table("RUNG", ">MEDIAN ms", ">GFLOP/s", ">GB/s", ">CEILING", ">ERROR", ">x BELOW");
        Optional<Rung> below = Optional.empty();
        for (Rung rung : rungs) {
            Row row = rung.row();
            String name = rung.name() + (row.best() ? " *" : "");
            if (!rung.timed()) {
                table.row(name, "wrong", "-", "-", "-", number("%.1e", row.error()), "-");
                continue;
            }
            table.row(name, number("%.3f", rung.millis()), number("%.1f", row.gflops()), number("%.1f", row.gigabytes()),
                    row.share().isPresent() ? number("%.0f%%", 100 * row.share().getAsDouble()) : "-", number("%.1e", row.error()),
                    below.map(lower -> number("%.2f", lower.millis() / rung.millis())).orElse("-"));
            below = Optional.of(rung);
        }
        table.print(out);
        for (Rung rung : rungs) {
            out.println();
            out.println(rung.name());
            wrap(rung.summary()).forEach(line -> out.println("  " + line));
        }
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split("\\s+")) {
            if (line.length() + word.length() >= TEXT_WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** The picture. */
    public String svg() {
        return LadderChart.svg(title, rungs);
    }

    /** A page that needs nothing besides itself. */
    public String html() {
        StringBuilder html = new StringBuilder();
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>").append(LadderChart.escape(title))
                .append("</title>\n<style>body{font:15px/1.5 system-ui,sans-serif;max-width:880px;margin:2em auto;color:#1c2330}"
                        + "dt{font-weight:600;margin-top:1em}dd{margin:0}</style>\n</head>\n<body>\n");
        html.append(svg()).append("<dl>\n");
        for (Rung rung : rungs) {
            html.append("<dt>").append(LadderChart.escape(rung.name())).append("</dt><dd>").append(LadderChart.escape(rung.summary()))
                    .append("</dd>\n");
        }
        return html.append("</dl>\n</body>\n</html>\n").toString();
    }
}
