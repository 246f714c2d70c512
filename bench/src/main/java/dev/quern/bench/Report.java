package dev.quern.bench;

import dev.quern.bench.measure.Timing;
import dev.quern.bench.report.Summary;
import dev.quern.bench.suite.Row;
import dev.quern.examples.command.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/** The report on the terminal: notes, each told once, and a table a case. */
final class Report {
    private final PrintWriter out;
    private final Set<String> told = new LinkedHashSet<>();

    Report(PrintWriter out) {
        this.out = out;
    }

    void note(String text) {
        if (told.add(text)) {
            out.println(text);
        }
    }

    /** What was noted, in order. */
    List<String> notes() {
        return List.copyOf(told);
    }

    /** A line for each pass of each suite. */
    void summary(List<Row> rows) {
        List<Summary> summaries = Summary.of(rows);
        Set<String> peers = new TreeSet<>();
        summaries.forEach(summary -> peers.addAll(summary.peers().keySet()));
        List<String> columns = new ArrayList<>(List.of("SUITE", "PASS", ">CASES", ">OF CEILING"));
        peers.forEach(peer -> columns.addAll(List.of(">x " + peer, ">LEAST")));
        Table table = new Table(columns.toArray(String[]::new));
        for (Summary summary : summaries) {
            List<Object> cells = new ArrayList<>(List.of(summary.suite(), summary.pass(), summary.cases(),
                    summary.share().isPresent() ? percent(summary.share().getAsDouble()) : "-"));
            for (String peer : peers) {
                Optional<Summary.Against> against = Optional.ofNullable(summary.peers().get(peer));
                cells.add(against.map(one -> number("%.2f", one.mean())).orElse("-"));
                cells.add(against.map(one -> number("%.2f", one.least())).orElse("-"));
            }
            table.row(cells.toArray());
        }
        out.println();
        out.println("geometric means over the cases, of what variant selection chooses");
        table.print(out);
    }

    /** The rows of one case. */
    void print(List<Row> rows) {
        Row first = rows.getFirst();
        Map<String, Timing> peers = first.peers();
        List<String> columns = new ArrayList<>(List.of("VARIANT", ">MEDIAN ms", ">+/-", ">MIN", ">10%", ">90%", ">RUNS",
                ">GFLOP/s", ">GB/s", ">OF CEILING", ">ERROR"));
        // How many times as fast as the peer.
        peers.keySet().forEach(peer -> columns.add(">x " + peer));
        Table table = new Table(columns.toArray(String[]::new));
        rows.forEach(row -> table.row(cells(row)));
        out.println();
        out.println(first.suite() + " " + first.name() + " " + first.pass() + " on " + first.device()
                + " (* is what variant selection chooses)");
        table.print(out);
        peers.forEach((peer, timing) -> out.println("peer " + peer + ": median " + number("%.3f", timing.median()) + " ms +/-"
                + percent(timing.interval().relativeHalfWidth())));
        out.flush();
    }

    private static Object[] cells(Row row) {
        List<Object> cells = new ArrayList<>();
        cells.add(row.variant() + (row.best() ? " *" : ""));
        if (row.timing().isPresent()) {
            Timing timing = row.timing().get();
            cells.addAll(List.of(number("%.3f", timing.median()), percent(timing.interval().relativeHalfWidth()),
                    number("%.3f", timing.min()), number("%.3f", timing.low()), number("%.3f", timing.high()), timing.runs(),
                    number("%.1f", row.gflops()), row.bytes() > 0 ? number("%.1f", row.gigabytes()) : "-", ceiling(row),
                    number("%.1e", row.error())));
        } else {
            cells.addAll(List.of("wrong", "-", "-", "-", "-", 0, "-", "-", "-", number("%.1e", row.error())));
        }
        for (String peer : row.peers().keySet()) {
            OptionalDouble speedup = row.speedup(peer);
            cells.add(speedup.isPresent() ? number("%.2f", speedup.getAsDouble()) : "-");
        }
        return cells.toArray();
    }

    /** For example {@code 62% flops}. */
    private static String ceiling(Row row) {
        OptionalDouble share = row.share();
        return share.isEmpty() ? "-"
                : percent(share.getAsDouble()) + " " + row.roof().orElseThrow().bound().name().toLowerCase(Locale.ROOT);
    }

    private static String percent(double share) {
        return number(share < 0.0995 ? "%.1f%%" : "%.0f%%", 100 * share);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
